"""Every two seconds: what was flushed to Redis is told to the database, under the fence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from app.core.clock import Clock
from app.core.database import Conn
from app.domain.fold import Span
from app.domain.freshness import catalogue_feed, ticks_feed
from app.domain.ids import market_id
from app.domain.trades import PublicTrade
from app.domain.types import Exchange, MarketId
from app.store import candle_backfills, cursors, feeds, public_trades, quotes, rejects
from app.store.candle_backfills import BackfillWindow
from app.store.held_lease import DATABASE_AWAY, HeldLease
from app.workers.firehose.feed_state import FeedView, to_detail, view_of_stream
from app.workers.firehose.reconcile import Reconciler
from app.workers.firehose.sink import FirehoseSink
from app.workers.firehose.tick_flush import Flushed, TickFlusher

log = structlog.get_logger()

FLUSH_S = 2.0
AFTERWARDS = timedelta(seconds=65)  # by then the last suspect minute is over and aggregated
_UNKNOWN = timedelta(hours=1)  # asked for before a market's first frame: costs no more requests
_QUIET = timedelta(minutes=10)  # a longer silence without a trade is no gap
_MARGIN = timedelta(seconds=5)
# Candles are made four times a minute: their cursor may have passed the loss before we noticed.
_EARLIER = timedelta(minutes=1)


@dataclass(slots=True)
class _Waiting:
    """What the database has not been told yet."""

    flushed: Flushed
    trades: list[PublicTrade]


class RowFlusher:
    """Writes quotes, trades, rejects, suspect windows and the feed's state."""

    def __init__(
        self,
        exchange: Exchange,
        sink: FirehoseSink,
        ticks: TickFlusher,
        reconciler: Reconciler,
        lease: HeldLease,
        clock: Clock,
    ) -> None:
        """Join the parts of one reign."""
        self._exchange = exchange
        self._sink = sink
        self._ticks = ticks
        self._reconciler = reconciler
        self._lease = lease
        self._clock = clock
        self._waiting = _Waiting(Flushed(), [])
        self._lost_at: datetime | None = None
        self._forgot_at: datetime | None = None  # until Redis is whole again

    async def run(self) -> None:
        """Flush for ever; a database that is away is the lease's business.

        Raises:
            LeaseLost: another holder has begun.
        """
        while True:
            began_s = self._clock.monotonic()
            try:
                await self.flush()
            except DATABASE_AWAY as error:
                log.warning("database.unavailable", error=str(error) or "timeout")
            spent_s = self._clock.monotonic() - began_s
            await self._clock.sleep(max(FLUSH_S - spent_s, 0.1))

    async def flush(self) -> None:
        """Write what there is, all of it or nothing; what failed is written the next time."""
        self._collect()
        now = self._clock.now()
        waiting = self._waiting
        async with self._lease.transaction() as conn:
            states = waiting.flushed.states
            told = await quotes.write_quotes(conn, self._exchange, list(states.values()))
            if waiting.trades:
                await public_trades.insert_trades(
                    conn, waiting.trades, floor_usd=self._sink.floor_usd
                )
            if waiting.flushed.rejects:
                await rejects.record_rejects(conn, waiting.flushed.rejects, now=now)
            await self._request_candles(conn, now)
            await self._restore(conn, now)
            await self._tell_state(conn, now)
        busy = {ext_id: states[ext_id] for ext_id in told.busy}
        self._waiting = _Waiting(Flushed(states=busy), [])
        await self._ticks.retire(self._sink.take_settled())

    def _collect(self) -> None:
        """Add what is new to what waits."""
        new, waiting = self._ticks.take_flushed(), self._waiting
        waiting.flushed.states |= new.states
        waiting.flushed.spans += new.spans
        waiting.flushed.rejects += [*new.rejects, *self._sink.take_rejects()]
        waiting.flushed.lost += new.lost
        waiting.trades += self._sink.take_trades()

    async def _request_candles(self, conn: Conn, now: datetime) -> None:
        """Ask for the candles of windows in which frames may be missing."""
        windows = list(self._windows(self._waiting.flushed.spans))
        due = now + AFTERWARDS
        if windows:
            await candle_backfills.request_backfills(
                conn, windows, now=now, not_before=due, reason="outage"
            )
        if self._waiting.flushed.lost:
            since = await cursors.read_cursor_time(conn, "aggregate_ohlcv")
            if since is not None:  # else nothing was there to be lost
                self._lost_at = now
                await candle_backfills.request_backfills(
                    conn,
                    list(self._lost_windows(since)),
                    now=now,
                    not_before=due,
                    reason="redis_lost",
                )

    async def _restore(self, conn: Conn, now: datetime) -> None:
        """Have Redis told of markets that have had no frame since: at once, and after a sync.

        The database may have lost their quotes too; a sync that began later has all of them.
        """
        if self._waiting.flushed.lost:
            self._forgot_at = now
        elif self._forgot_at is None:
            return
        else:
            synced_at = await feeds.read_as_of(conn, [catalogue_feed(self._exchange)])
            if synced_at is None or synced_at <= self._forgot_at:
                return
            self._forgot_at = None
        self._ticks.restore(await quotes.read_states(conn, self._exchange))

    def _windows(self, spans: Iterable[Span]) -> Iterable[BackfillWindow]:
        for span in spans:
            until = _moment(span.until_ms)
            since = _moment(span.since_ms) if span.since_ms else until - _UNKNOWN
            if span.has_traded or until - since < _QUIET:
                yield BackfillWindow(self._market(span.market_ext_id), since, until)

    def _lost_windows(self, since: datetime) -> Iterable[BackfillWindow]:
        """Return the minutes of which Redis lost pieces before they became candles."""
        since -= _EARLIER
        for ext_id, newest_ms in self._sink.book.newest_times():
            newest = _moment(newest_ms)
            if newest >= since:
                yield BackfillWindow(self._market(ext_id), since, newest + _MARGIN)

    def _market(self, ext_id: str) -> MarketId:
        return market_id(self._exchange, ext_id)

    async def _tell_state(self, conn: Conn, now: datetime) -> None:
        view = self.view(now)
        await feeds.set_feed_state(
            conn,
            ticks_feed(self._exchange),
            view.state,
            now=now,
            as_of=now if view.is_true else None,
            detail=to_detail(view, redis_lost_at=self._lost_at),
        )

    def view(self, now: datetime) -> FeedView:
        """Say how true the prices are."""
        return view_of_stream(self._sink.state, is_behind=self._reconciler.is_behind, now=now)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1_000, UTC)
