"""A step of the pipeline: works as long as there is work, then waits to be woken or 500 ms."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import asyncpg

from app.core.clock import Clock

POLL_S = 0.5  # the guarantee; being woken only makes it faster

DETECTIONS, ALERTS, DELIVERIES = "alpha_detections", "alpha_alerts", "alpha_deliveries"
CHANNELS = (DETECTIONS, ALERTS, DELIVERIES)


class Bell(Protocol):
    """Where steps wait for news."""

    async def wait(self, channel: str, *, at_most_s: float) -> None:
        """Return when something was told on a channel since the last wait, or after the time."""


class Bells:
    """Bells rung by NOTIFY; deaf while the connection is away, when polls go on."""

    def __init__(self) -> None:
        """Begin with silence."""
        self._rung = {channel: asyncio.Event() for channel in CHANNELS}

    async def wait(self, channel: str, *, at_most_s: float) -> None:
        """See `Bell.wait`."""
        rung = self._rung[channel]
        try:
            async with asyncio.timeout(at_most_s):
                await rung.wait()
        except TimeoutError:
            return
        finally:
            rung.clear()

    def ring(self, channel: str) -> None:
        """Wake who waits at a channel."""
        self._rung[channel].set()

    async def listen(self, pool: asyncpg.Pool, clock: Clock) -> None:
        """Turn what is notified into rings; ends with an exception when the connection does.

        Raises:
            ConnectionError: the connection ended; call again.
        """
        async with pool.acquire() as conn:
            for channel in CHANNELS:
                await conn.add_listener(channel, self._heard)
            while not conn.is_closed():
                await clock.sleep(1)
        raise ConnectionError("the listening connection ended")

    def _heard(self, _conn: object, _pid: int, channel: str, _payload: object) -> None:
        self.ring(channel)


async def run_step(work: Callable[[], Awaitable[int]], bell: Bell, channel: str) -> None:
    """Work for ever; `work` takes a batch and returns how much it found, 0 = wait."""
    while True:
        if not await work():
            await bell.wait(channel, at_most_s=POLL_S)
