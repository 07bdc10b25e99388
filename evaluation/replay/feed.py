"""One exchange's frames, folded as the firehose folds them, and kept where the pipeline looks."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from app.core.clock import Clock
from app.core.database import Conn, Pool
from app.domain.catalogue import Reject
from app.domain.fold import Flush, FoldBook, MarketState
from app.domain.freshness import FeedWord, ticks_feed
from app.domain.lifecycle_events import LifecycleEvent
from app.domain.ticks import Tick
from app.domain.trades import PublicTrade
from app.domain.types import Exchange, MarketStatus
from app.services.ports import StreamGap, StreamKind, StreamState
from app.store import feeds
from app.store.lifecycle import record_events
from app.store.public_trades import insert_trades
from app.store.quotes import write_quotes

_AHEAD = timedelta(minutes=5)  # as the firehose: later frames would make all others late


class ReplayFeed:
    """The `TickSink` of a replay.

    Attributes:
        unknown: markets that ticked and are not in the catalogue, in the order they came.
        states: what every market looks like now, by its id.
        had_gap: frames may be missing since the last time this was set to False.
        refused: frames or quotes that could not be read; `rejects` says the same of messages.
    """

    def __init__(self, exchange: Exchange, pool: Pool, clock: Clock, *, floor_usd: Decimal) -> None:
        """Begin empty."""
        self.exchange = exchange
        self.unknown: dict[str, None] = {}
        self.states: dict[str, MarketState] = {}
        self.had_gap = False
        self.refused = self.rejects = self.ticks = 0
        self._pool = pool
        self._clock = clock
        self._floor_usd = floor_usd
        self._book = FoldBook()
        self._seen: set[str] = set()
        self._changed: dict[str, MarketState] = {}
        self._trades: list[PublicTrade] = []

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Fold frames."""
        for tick in ticks:
            if tick.market_ext_id not in self._seen:
                self._seen.add(tick.market_ext_id)
                self.unknown[tick.market_ext_id] = None
        latest = self._clock.now() + _AHEAD
        self._book.fold(ticks, latest_ms=int(latest.timestamp() * 1_000))
        self.ticks += len(ticks)

    def on_trades(self, trades: Sequence[PublicTrade]) -> None:
        """Keep trades until the next write."""
        self._trades += trades

    async def on_lifecycle(self, events: Sequence[LifecycleEvent]) -> None:
        """Store announcements, and forget settled markets."""
        async with self._pool.acquire() as conn, conn.transaction():
            await record_events(conn, events, now=self._clock.now())
        for event in events:
            if event.status is MarketStatus.SETTLED:
                self._book.forget(event.ext_id)

    def on_gap(self, gap: StreamGap) -> None:
        """Trust no market's next frame after missing ones."""
        if gap.kind is StreamKind.TICKS:
            self.note_gap()

    def on_state(self, state: StreamState) -> None:
        """A recording has no connection whose state could matter."""

    def on_rejects(self, rejects: Sequence[Reject]) -> None:
        """Count messages that could not be read."""
        self.rejects += len(rejects)

    def note_gap(self) -> None:
        """Note that frames may be missing before the next one."""
        self._book.open_gap()
        self.had_gap = True

    def take(self) -> Flush:
        """Return what was folded since the last call."""
        flush = self._book.take()
        self.refused += flush.refused
        for state in flush.states:
            self.states[state.market_ext_id] = self._changed[state.market_ext_id] = state
        return flush

    async def come_back(self) -> None:
        """Say that the feed is whole from now on, and was not before."""
        for word in (FeedWord.DEGRADED, FeedWord.LIVE):
            async with self._pool.acquire() as conn:
                await self._say(conn, word)

    async def write(self) -> None:
        """Write quotes, trades and the feed's state, which the live system does every 2 s."""
        changed, self._changed = list(self._changed.values()), {}
        trades, self._trades = self._trades, []
        async with self._pool.acquire() as conn:
            await write_quotes(conn, self.exchange, changed)
            await insert_trades(conn, trades, floor_usd=self._floor_usd)
            await self._say(conn, FeedWord.LIVE)

    async def _say(self, conn: Conn, word: FeedWord) -> None:
        now = self._clock.now()
        await feeds.set_feed_state(conn, ticks_feed(self.exchange), word, now=now, as_of=now)
