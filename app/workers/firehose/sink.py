"""What the stream brings, taken in: folded, or kept until the next flush."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from app.core.clock import Clock
from app.domain.catalogue import Reject
from app.domain.fold import FoldBook
from app.domain.lifecycle_events import LifecycleEvent
from app.domain.ticks import Tick
from app.domain.trades import PublicTrade
from app.domain.types import MarketStatus
from app.services.ports import StreamGap, StreamKind, StreamPhase, StreamState
from app.workers.firehose.catching_up import CatchingUp
from app.workers.firehose.lifecycle import LifecycleKeeper
from app.workers.firehose.reconcile import Reconciler

_AHEAD = timedelta(minutes=5)  # how far the exchange's clock may be before ours
_MAX_TRADES = 50_000  # waiting for a database that is away; more are asked for later
_MAX_REJECTS = 200


class FirehoseSink:
    """The `TickSink` of one reign.

    Attributes:
        book: every market's fold.
        catching_up: what becomes of markets whose next frame does not come.
        floor_usd: the least a public trade must have cost to be kept.
        state: the stream's own view of itself.
    """

    def __init__(
        self,
        book: FoldBook,
        catching_up: CatchingUp,
        clock: Clock,
        floor_usd: Decimal,
        keeper: LifecycleKeeper,
        reconciler: Reconciler,
    ) -> None:
        """Begin empty."""
        self.book = book
        self.catching_up = catching_up
        self._trades: list[PublicTrade] = []
        self._rejects: list[Reject] = []
        self._settled: list[str] = []
        self.state = StreamState(StreamPhase.DEGRADED, clock.now(), "starting")
        self._clock = clock
        self.floor_usd = floor_usd
        self._keeper = keeper
        self._reconciler = reconciler

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Fold frames."""
        latest = self._clock.now() + _AHEAD
        self.book.fold(ticks, latest_ms=int(latest.timestamp() * 1_000))

    def on_trades(self, trades: Sequence[PublicTrade]) -> None:
        """Keep the trades that are large enough."""
        self._trades += [trade for trade in trades if trade.cost_usd >= self.floor_usd]
        if len(self._trades) > _MAX_TRADES:
            oldest = min(trade.traded_at for trade in self._trades)
            self._trades.clear()
            self.on_gap(
                StreamGap(StreamKind.TRADES, oldest, self._clock.now(), "no room for trades")
            )

    async def on_lifecycle(self, events: Sequence[LifecycleEvent]) -> None:
        """Store announcements; return when they are safe. Settled markets are forgotten."""
        await self._keeper.store(events)
        for event in events:
            if event.status is MarketStatus.SETTLED:
                self.book.forget(event.ext_id)
                self._settled.append(event.ext_id)

    def on_gap(self, gap: StreamGap) -> None:
        """Have the window asked for; after missing frames every market's next one is suspect."""
        if gap.kind is StreamKind.TICKS:
            self.book.open_gap()
            self.catching_up.note_gap()
        self._reconciler.note(gap)

    def on_state(self, state: StreamState) -> None:
        """Note a change of phase; the next flush of rows tells it."""
        self.state = state

    def on_rejects(self, rejects: Sequence[Reject]) -> None:
        """Keep messages that could not be read, some of them in a storm."""
        self._rejects += rejects[: max(_MAX_REJECTS - len(self._rejects), 0)]

    def take_trades(self) -> list[PublicTrade]:
        """Hand over the trades that came since the last call."""
        taken, self._trades = self._trades, []
        return taken

    def take_settled(self) -> list[str]:
        """Hand over the markets that were settled since the last call."""
        taken, self._settled = self._settled, []
        return taken

    def take_rejects(self) -> list[Reject]:
        """Hand over the messages that could not be read since the last call."""
        taken, self._rejects = self._rejects, []
        return taken
