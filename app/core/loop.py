"""The one wrapper around a loop that never ends, as `task` is the one around a run that does."""

from collections.abc import Awaitable, Callable

import structlog

from app.core.clock import Clock
from app.core.errors import OperatorError

log = structlog.get_logger()

_AGAIN_S = 1.0
_AT_MOST_S = 30.0
_WORKED_S = 60.0  # after this long the next failure is a first one again


async def run_forever(name: str, body: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run the body again whenever it ends or fails, until cancelled.

    Failures are logged; the pause between two of them doubles, up to half a minute.
    """
    pause_s = _AGAIN_S
    while True:
        began_s = clock.monotonic()
        try:
            await body()
        except OperatorError as error:
            log.error("loop.refused", loop=name, error=str(error))
        except Exception:  # a failed loop must not end its process
            log.exception("loop.failed", loop=name)
        if clock.monotonic() - began_s > _WORKED_S:
            pause_s = _AGAIN_S
        await clock.sleep(pause_s)
        pause_s = min(2 * pause_s, _AT_MOST_S)
