"""One connection's life: ask, take what comes until something ends it, close."""

import asyncio
from collections.abc import Sequence

from app.services.kalshi.stream.parts import StreamParts
from app.services.kalshi.stream.source import ConnectionLost, FrameConnection, RawFrame
from app.services.ports import StreamKind


class Session:
    """What happens between a handshake and a close."""

    def __init__(self, connection: FrameConnection, parts: StreamParts) -> None:
        self._connection = connection
        self._parts = parts
        self._over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._binary_frames = 0
        self._first_tick_at: float | None = None  # monotonic
        self._has_renewed = False  # the ticks, since the last one

    async def run(self) -> str:
        """Stream until something ends it; return what did.

        Everything that was received is handed over first, also when cancelled.
        """
        parts = self._parts
        parts.watchdog.connected(parts.clock.monotonic())
        parts.subscriptions.begin()
        pump = asyncio.create_task(self._pump())
        try:
            await self._send_commands()
            await asyncio.wait({pump, self._over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._connection.close()
            await asyncio.wait({pump})  # it ends by itself once it has taken all there is
            self._count_binary()
        reason = pump.result()
        return self._over.result() if self._over.done() else reason

    def end(self, reason: str, *, is_dead: bool = False) -> None:
        """End the session; a dead line is cut without a goodbye."""
        if not self._over.done():
            self._over.set_result(reason)
        if is_dead:
            self._connection.abort()

    async def look(self, now: float) -> None:
        """Act on the clocks of the line and of the subscriptions."""
        parts, watchdog = self._parts, self._parts.watchdog
        watchdog.hear(self._connection.heard, now)
        self._count_binary()
        if watchdog.is_line_dead(now):
            self.end("no sign of life", is_dead=True)
        elif watchdog.is_overdue(parts.subscriptions.asked_at, now):
            self.end("no answer to a subscription")
        elif watchdog.wants_ping(now):
            await self._connection.ping()

    async def renew_ticks(self, reason: str) -> None:
        """Subscribe to the ticks again, once until the next tick."""
        if self._has_renewed:
            return
        self._has_renewed = True
        self._parts.subscriptions.renew(StreamKind.TICKS, reason)
        await self._send_commands()

    def is_healthy(self, now: float) -> bool:
        """Whether ticks have come for long enough to trust the line."""
        first, parts = self._first_tick_at, self._parts
        if first is None or parts.phases.is_stale or not parts.subscriptions.is_complete:
            return False
        return now - first >= parts.limits.healthy_s

    async def _pump(self) -> str:
        """Hand over what arrives; return why nothing more does."""
        try:
            while True:
                raws = await self._connection.receive()
                size = self._parts.limits.slice_frames
                for at in range(0, len(raws), size):
                    self._take(raws[at : at + size])
                    await self._send_commands()
                    if at + size < len(raws):
                        await asyncio.sleep(0)  # others want the loop too
        except ConnectionLost as lost:
            self._parts.counters.oversize += lost.is_oversize
            return str(lost)

    def _take(self, raws: Sequence[RawFrame]) -> None:
        parts = self._parts
        self._count_binary()
        ticks, problem = parts.intake.take(raws)
        if ticks:
            now = parts.clock.monotonic()
            parts.watchdog.ticked(now)
            parts.ticked_at = parts.clock.now()
            parts.phases.fresh("ticks arrive")
            self._has_renewed = False
            if self._first_tick_at is None:
                self._first_tick_at = now
        if parts.subscriptions.is_complete:
            parts.watchdog.subscribed(parts.clock.monotonic())
            parts.phases.complete()
        else:
            parts.phases.incomplete("a subscription is missing")
        if problem:
            self.end(problem)

    async def _send_commands(self) -> None:
        try:
            for command in self._parts.subscriptions.take_commands():
                await self._connection.send(command)
        except ConnectionLost:
            self.end("closed while sending")

    def _count_binary(self) -> None:
        seen = self._connection.binary_frames
        self._parts.counters.binary += seen - self._binary_frames
        self._binary_frames = seen
