"""A step of the pipeline: works as long as there is work, then waits to be woken or 500 ms."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import asyncpg
import structlog

from app.core.clock import Clock
from app.core.database import CONNECTION_LOST, Conn, Pool
from app.store.notify_channel import Channel

log = structlog.get_logger()

BAD_ROW = (  # a row says what cannot be: it will say so the next time too
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    asyncpg.DataError,
    asyncpg.CheckViolationError,
    asyncpg.NotNullViolationError,
    asyncpg.UniqueViolationError,
)
_FOR_NOW = (  # the same may work in a moment
    *CONNECTION_LOST,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)

POLL_S = 0.5  # the guarantee; being woken only makes it faster
_AWAY_S = 1.0
_LOOK_S = 1.0  # how often the listening connection is looked at


class Bell(Protocol):
    """Where one step waits for news."""

    async def wait(self, channel: Channel, *, at_most_s: float) -> None:
        """Return when something was told on a channel since the last wait, or after the time."""


class Ear:
    """One listener's own bells: what it has heard, nobody else can take away."""

    def __init__(self) -> None:
        """Begin with silence."""
        self._rung = {channel: asyncio.Event() for channel in Channel}

    async def wait(self, channel: Channel, *, at_most_s: float) -> None:
        """See `Bell.wait`."""
        rung = self._rung[channel]
        try:
            async with asyncio.timeout(at_most_s):
                await rung.wait()
        except TimeoutError:
            return
        finally:
            rung.clear()

    def ring(self, channel: Channel) -> None:
        """Hear something."""
        self._rung[channel].set()


class Bells:
    """Rung by NOTIFY; silent while their connection is away, when polls go on."""

    def __init__(self) -> None:
        """Begin without listeners."""
        self._ears: list[Ear] = []

    def ear(self) -> Ear:
        """Return a new listener."""
        self._ears.append(Ear())
        return self._ears[-1]

    async def listen(self, pool: Pool, clock: Clock) -> None:
        """Pass on what is notified until the connection ends; then call it again.

        Behind a transaction pooler nothing is ever heard.
        """
        async with pool.acquire() as conn:
            for channel in Channel:
                await conn.add_listener(channel, self._heard)
            try:
                while not conn.is_closed():
                    await clock.sleep(_LOOK_S)
            finally:
                await self._leave(conn)

    async def _leave(self, conn: Conn) -> None:
        """Stop listening, before somebody else gets the connection."""
        if not conn.is_closed():
            for channel in Channel:
                await conn.remove_listener(channel, self._heard)

    def _heard(self, _conn: object, _pid: int, channel: str, _payload: object) -> None:
        for ear in self._ears:
            ear.ring(Channel(channel))


async def run_step(
    work: Callable[[], Awaitable[int]], bell: Bell, channel: Channel, clock: Clock
) -> None:
    """Work for ever; `work` takes a batch and returns how much it found, 0 = wait.

    A database that is away is asked again every second, however long it takes.
    """
    while True:
        try:
            found = await work()
        except _FOR_NOW as error:
            log.warning("step.waiting", channel=channel, error=str(error) or "timeout")
            await clock.sleep(_AWAY_S)
            continue
        if not found:
            await bell.wait(channel, at_most_s=POLL_S)
