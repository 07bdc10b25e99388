"""Kalshi's socket as the port `TickStream`: connected, watched, and connected again."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

import structlog

from app.core.clock import Clock
from app.core.errors import SourceError, SourceRateLimited, first_of
from app.domain.types import Exchange
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.errors import to_source_error
from app.services.kalshi.stream.counters import StreamCounters
from app.services.kalshi.stream.limits import StreamLimits
from app.services.kalshi.stream.parts import StreamParts, wire_parts
from app.services.kalshi.stream.reconnect import Reconnect
from app.services.kalshi.stream.session import Session
from app.services.kalshi.stream.source import FrameConnection, FrameSource, HandshakeRefused
from app.services.ports import TickSink

log = structlog.get_logger()

# Given the moment of the last tick: must there have been another? None = cannot be told.
ExpectsTicks = Callable[[datetime], Awaitable[bool | None]]
_KEY_REFUSED = frozenset({401, 403})


class KalshiStream:
    """Tickers, trades and lifecycle of all markets; see `TickStream` for what `run` promises."""

    exchange = Exchange.KALSHI

    def __init__(
        self,
        url: str,
        signer: KalshiSigner,
        clock: Clock,
        *,
        source: FrameSource,
        expects_ticks: ExpectsTicks,
        limits: StreamLimits | None = None,
        dice: random.Random | None = None,
    ) -> None:
        """Prepare; nothing is opened before `run`.

        Args:
            expects_ticks: asked when no tick came for 25 s; a quiet night is no fault.
            dice: for the jitter of reconnects.
        """
        self.counters = StreamCounters()
        self._url = url
        self._signer = signer
        self._clock = clock
        self._source = source
        self._expects_ticks = expects_ticks
        self._limits = limits or StreamLimits()
        self._reconnect = Reconnect(dice)
        self._session: Session | None = None

    async def run(self, sink: TickSink, *, since: datetime | None = None) -> None:
        """Stream until cancelled; see `TickStream.run`.

        Raises:
            KalshiRefused: 401 or 403 three times in a row.
            Exception: whatever the sink raised.
        """
        parts = wire_parts(sink, self._clock, self._limits, self.counters, since)
        parts.phases.incomplete("connecting")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(parts.queue.run())
                tasks.create_task(self._watch_line(parts))
                tasks.create_task(self._watch_data(parts))
                tasks.create_task(self._stay_connected(parts))
        except BaseExceptionGroup as failed:
            raise first_of(failed) from None
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.finish_s):
                    await parts.queue.finish()
            raise

    async def _stay_connected(self, parts: StreamParts) -> None:
        while True:
            delay_s = await self._connect_once(parts)
            await self._clock.sleep(delay_s)
            while not parts.queue.is_low:
                await self._clock.sleep(self._limits.look_s)

    async def _connect_once(self, parts: StreamParts) -> float:
        """Connect and stream until it ends; return the seconds to wait before the next time."""
        try:
            connection = await self._open()
        except HandshakeRefused as refused:
            return self._after_refusal(refused, parts)
        except (OSError, TimeoutError) as error:
            self.counters.failed_connections += 1
            parts.phases.incomplete("no connection")
            log.warning("stream.unreachable", exchange="kalshi", error=str(error) or "timeout")
            return self._reconnect.next_delay_s()
        self.counters.connections += 1
        self._reconnect.connected()
        reason = await self._stream(connection, parts)
        delay_s = self._reconnect.next_delay_s()
        log.warning("stream.disconnected", exchange="kalshi", reason=reason, again_in_s=delay_s)
        return delay_s

    async def _open(self) -> FrameConnection:
        """Shake hands, with a signature made for this attempt."""
        path = urlsplit(self._url).path
        return await self._source.connect(
            self._url, self._signer.headers("GET", path, self._clock.now())
        )

    async def _stream(self, connection: FrameConnection, parts: StreamParts) -> str:
        session = self._session = Session(connection, parts)
        try:
            reason = await session.run()
            if session.is_healthy(self._clock.monotonic()):
                self._reconnect.healthy()
        finally:
            self._session = None
        parts.subscriptions.lose(f"reconnected: {reason}")
        parts.phases.incomplete(reason)
        return reason

    def _after_refusal(self, refused: HandshakeRefused, parts: StreamParts) -> float:
        """Return how long to wait after an answer that was not a handshake.

        Raises:
            KalshiRefused: our key or clock was refused too often.
        """
        self.counters.failed_connections += 1
        error = to_source_error(
            "the WebSocket handshake",
            refused.status,
            refused.body,
            retry_after=refused.retry_after,
            now=self._clock.now(),
        )
        if refused.status in _KEY_REFUSED and self._reconnect.refused():
            parts.phases.stale("the exchange refuses our key or our clock")
            raise error
        parts.phases.incomplete(f"the handshake was answered with {refused.status}")
        log.warning("stream.refused", exchange="kalshi", error=str(error))
        if isinstance(error, SourceRateLimited):
            return self._reconnect.next_delay_s(is_rate_limited=True, asked_s=error.retry_after_s)
        return self._reconnect.next_delay_s()

    async def _watch_line(self, parts: StreamParts) -> None:
        """Look at the clocks of the line and of the subscriptions, for ever."""
        while True:
            await self._clock.sleep(self._limits.look_s)
            now = self._clock.monotonic()
            parts.watchdog.look(now)
            session = self._session
            if session is not None:
                await session.look(now)
                if session.is_healthy(now):
                    self._reconnect.healthy()

    async def _watch_data(self, parts: StreamParts) -> None:
        """Look at the clock of the data, for ever; what silence means others have to say."""
        while True:
            await self._clock.sleep(self._limits.look_s)
            if not parts.watchdog.is_silent(self._clock.monotonic()):
                continue
            await self._judge_silence(parts, await self._must_there_be_ticks(parts.ticked_at))
            if parts.watchdog.is_silent(self._clock.monotonic()):
                await self._clock.sleep(self._limits.probe_s)

    async def _must_there_be_ticks(self, since: datetime) -> bool | None:
        try:
            async with asyncio.timeout(self._limits.probe_timeout_s):
                return await self._expects_ticks(since)
        except (SourceError, TimeoutError):
            return None

    async def _judge_silence(self, parts: StreamParts, are_ticks_due: bool | None) -> None:
        """Tell old from quiet; do something about it only when ticks are certainly missing."""
        now = self._clock.monotonic()
        if not parts.watchdog.is_silent(now):
            return
        if are_ticks_due is False:
            parts.phases.quiet("the exchange is quiet")
            return
        parts.phases.stale("no ticks" if are_ticks_due else "no ticks, and no other way to tell")
        session, silence_s = self._session, parts.watchdog.silence_s(now)
        if session is None or are_ticks_due is None:
            return
        if silence_s >= self._limits.dead_s:
            session.end("no ticks")
        elif silence_s >= self._limits.stale_s:
            await session.renew_ticks("no ticks")
