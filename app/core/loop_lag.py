"""How late the event loop is: what every request and every frame waits for at least."""

from collections.abc import Callable

from app.core.clock import Clock

LOOK_S = 0.02


async def watch_loop_lag(clock: Clock, observe: Callable[[float], None]) -> None:
    """Sleep a little, for ever, and tell how many seconds late each waking was."""
    while True:
        due_s = clock.monotonic() + LOOK_S
        await clock.sleep(LOOK_S)
        observe(max(clock.monotonic() - due_s, 0.0))
