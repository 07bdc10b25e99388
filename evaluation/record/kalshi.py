"""Recording Kalshi: its socket as it comes, and the answers of a catalogue sync."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import structlog

from app.core.clock import Clock
from app.core.config import KalshiSettings
from app.core.errors import SourceError
from app.domain.catalogue import CataloguePage, Reject
from app.domain.lifecycle_events import LifecycleEvent
from app.domain.ticks import Tick
from app.domain.trades import PublicTrade
from app.domain.types import Exchange
from app.services.kalshi import KalshiMarkets, open_kalshi
from app.services.kalshi.client import HeardAnswer
from app.services.kalshi.stream import KalshiActivity, open_source, open_stream
from app.services.kalshi.stream.source import RawFrame
from app.services.ports import StreamGap, StreamState
from evaluation.record.rows import KalshiRows
from evaluation.record.tap import TappedSource
from evaluation.recording.shapes import AnswerLine, to_millis
from evaluation.recording.writer import RecordingWriter

log = structlog.get_logger()

AGAIN_S = 5.0  # after a listing that broke off
CHANGES_S = 60.0  # between two questions for what is new; markets of a quarter hour come and go


class KalshiRecorder:
    """One exchange, into one folder."""

    def __init__(self, settings: KalshiSettings, clock: Clock, writer: RecordingWriter) -> None:
        """Prepare; nothing is opened before the first method is called."""
        self._settings = settings
        self._clock = clock
        self._writer = writer
        self._rows = KalshiRows()
        self._is_listed = False
        self._client = open_kalshi(settings, clock, on_answer=self._note_answer)
        self._markets = KalshiMarkets(self._client, include_combos=settings.include_combos)

    @property
    def market_count(self) -> int:
        """How many markets the catalogue has so far."""
        return self._rows.market_count

    async def listen(self) -> None:
        """Write down what the socket says, connected again and again, until cancelled.

        Raises:
            SourceRefused: the exchange does not take our key.
        """
        if not self._settings.has_key:
            log.warning("socket.skipped", exchange=Exchange.KALSHI, reason="no key")
            return
        source = TappedSource(open_source(self._settings.ws_library), self._note_frames)
        expects_ticks = KalshiActivity(self._client, self._clock).expects_ticks
        stream = open_stream(
            self._settings, self._clock, source=source, expects_ticks=expects_ticks
        )
        await stream.run(_Deaf(), since=self._clock.now())

    async def ask(self) -> None:
        """Ask for the whole catalogue, then once a minute for what changed, until cancelled."""
        while not await self._ask_for_all():
            await self._clock.sleep(AGAIN_S)
        self.write_catalogue()
        while True:
            since = self._clock.now()
            await self._clock.sleep(CHANGES_S)
            await self._drain(self._markets.fetch_changes(since, self._clock.now()))

    def write_catalogue(self) -> None:
        """Write what was listed so far, once; what changes later is in the answers."""
        if not self._is_listed and self.market_count:
            self._is_listed = True
            self._writer.write_catalogue(self._rows.document(as_of=self._clock.now()))

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _ask_for_all(self) -> bool:
        series = await self._drain(self._markets.fetch_series())
        return await self._drain(self._markets.fetch_catalogue()) and series

    async def _drain(self, pages: AsyncIterator[CataloguePage]) -> bool:
        """Read a listing for the sake of its answers; False when it broke off."""
        try:
            async for _ in pages:
                await asyncio.sleep(0)
        except SourceError as error:
            log.warning("source.unavailable", exchange=Exchange.KALSHI, error=str(error))
            return False
        return True

    def _note_frames(self, frames: Sequence[RawFrame]) -> None:
        at_ms = to_millis(self._clock.now())
        for frame in frames:
            self._writer.add_frame(at_ms, Exchange.KALSHI, frame)

    def _note_answer(self, heard: HeardAnswer) -> None:
        if not self._is_listed:
            self._rows.take(heard.url, heard.status, heard.body)
        self._writer.add_answer(
            AnswerLine(
                at_ms=to_millis(heard.at),
                vendor=Exchange.KALSHI,
                method=heard.method,
                url=heard.url,
                status=heard.status,
                headers=heard.headers,
                body=heard.body.decode("utf-8", "replace"),
            )
        )


class _Deaf:
    """A `TickSink` for a stream that is only listened at."""

    def on_ticks(self, ticks: Sequence[Tick]) -> None: ...

    def on_trades(self, trades: Sequence[PublicTrade]) -> None: ...

    async def on_lifecycle(self, events: Sequence[LifecycleEvent]) -> None: ...

    def on_gap(self, gap: StreamGap) -> None:
        log.info("gap.noted", kind=gap.kind, since=_text(gap.since), reason=gap.reason)

    def on_state(self, state: StreamState) -> None:
        log.info("stream.changed", phase=state.phase, reason=state.reason)

    def on_rejects(self, rejects: Sequence[Reject]) -> None: ...


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
