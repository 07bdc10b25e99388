"""The fold of a whole exchange: every frame counts towards its minute, none overwrites another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.domain.fold.market import MarketFold
from app.domain.fold.pieces import MicroCandle
from app.domain.fold.state import MarketState, Said, Span
from app.domain.ticks import Tick

MAX_MARKETS = 500_000  # as many as one Kalshi session may subscribe to
_MAX_EXT_ID = 200
_MAX_REFUSALS = 20  # kept between two flushes; all are counted


@dataclass(frozen=True, slots=True)
class Refusal:
    """A frame, or the quote in it, that could not be read; it costs only itself."""

    market_ext_id: str
    reason: str


@dataclass(slots=True)
class Flush:
    """What came together since the flush before.

    Attributes:
        pieces: micro-candles, in an order in which `fold_minutes` may add them.
        states: the markets that changed; each has at least one piece.
        believed: those that changed by a request's word only; see `FoldBook.believe`.
        spans: where frames may be missing; see `FoldBook.open_gap`.
        refused: how many frames or quotes were refused; `refusals` holds the first of them.
    """

    pieces: list[MicroCandle] = field(default_factory=list)
    states: list[MarketState] = field(default_factory=list)
    believed: list[MarketState] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)


class FoldBook:
    """All markets of one exchange, as the one process that folds its ticks knows them."""

    def __init__(self, *, max_markets: int = MAX_MARKETS) -> None:
        self._markets: dict[str, MarketFold] = {}
        self._dirty: list[MarketFold] = []
        self._flush = Flush()
        self._max_markets = max_markets

    @property
    def market_count(self) -> int:
        """How many markets it knows."""
        return len(self._markets)

    def seed(self, market_ext_id: str, *, newest_ms: int = 0, volume: int | None = None) -> None:
        """Tell what was known of a market before its next frame; never takes knowledge back.

        Args:
            newest_ms: exchange time of the newest frame anyone folded. Only ever a frame's
                own `ts_ms`: another clock's time would make frames late that are not.
            volume: cumulative hundredths of a contract that are in candles already; used
                only when no frame of the market has come yet.

        Raises:
            ValueError: not an id.
        """
        market = self._markets.get(market_ext_id) or self._open(market_ext_id)
        market.seed(newest_ms, volume)

    def open_gap(self) -> None:
        """Note that frames of any market may be missing now: each next one ends a span."""
        for market in self._markets.values():
            market.suspect()

    def believe(self, ext_id: str, said: Said, *, at_ms: int) -> None:
        """Take a request's word for a market whose next frame after a gap has not come yet.

        What differs becomes its state and the end of a span; the next frame counts on from
        there. A market that is not known, or had a frame since, is left alone.

        Args:
            at_ms: when the request was made, Unix milliseconds.
        """
        market = self._markets.get(ext_id)
        if market is not None:
            market.believe(said, at_ms)

    def distrust(self, ext_id: str, since_ms: int, until_ms: int) -> None:
        """Note a span that an earlier holder may have seen the end of, and told nobody.

        Raises:
            ValueError: not an id.
        """
        market = self._markets.get(ext_id) or self._open(ext_id)
        market.distrust(since_ms, until_ms)

    def snapshot(self) -> list[MarketState]:
        """Return the state of every market that had a frame, to write all of them again."""
        return [market.state() for market in self._markets.values() if market.has_frame]

    def newest_times(self) -> Iterator[tuple[str, int]]:
        """Yield every market and the exchange's time of its newest frame (ms), 0 = none known."""
        return ((ext_id, market.newest_ms) for ext_id, market in self._markets.items())

    def forget(self, market_ext_id: str) -> None:
        """Drop a market that will have no more frames; what was not taken of it is taken yet."""
        self._markets.pop(market_ext_id, None)

    def fold(self, ticks: Iterable[Tick], *, latest_ms: int) -> None:
        """Count frames, in the order they arrived; those that cannot be read are refused.

        Args:
            latest_ms: Unix milliseconds; a frame from after that is refused, for it would
                make every later one late. The caller's clock plus some minutes; far off
                when a recording is played faster than it was made.
        """
        markets = self._markets
        for tick in ticks:
            try:
                market = markets.get(tick.market_ext_id) or self._open(tick.market_ext_id)
                market.fold(tick, latest_ms)
            except ValueError as error:
                self._refuse(tick.market_ext_id, str(error))

    def take(self) -> Flush:
        """Hand over everything since the last call; what was handed over is the caller's to keep.

        Pieces are values: when writing them fails they can be written with the next ones.
        """
        for market in self._dirty:
            pieces, state, problems = market.take()
            self._flush.pieces += pieces
            if state is not None:
                (self._flush.states if pieces else self._flush.believed).append(state)
            if market.span is not None:
                self._flush.spans.append(market.span)
                market.span = None
            for reason in problems:
                self._refuse(market.ext_id, reason)
        self._dirty.clear()
        taken, self._flush = self._flush, Flush()
        return taken

    def _open(self, ext_id: str) -> MarketFold:
        """Begin a market: the one place where its id is looked at."""
        if (
            not ext_id
            or len(ext_id) > _MAX_EXT_ID
            or not (ext_id.isascii() and ext_id.isprintable())
        ):
            raise ValueError("not an id of a market")
        if len(self._markets) >= self._max_markets:
            raise ValueError(f"more than {self._max_markets} markets")
        market = self._markets[ext_id] = MarketFold(ext_id, self._dirty)
        return market

    def _refuse(self, ext_id: str, reason: str) -> None:
        flush = self._flush
        flush.refused += 1
        if len(flush.refusals) < _MAX_REFUSALS:
            flush.refusals.append(Refusal(ext_id[:_MAX_EXT_ID], reason[:300]))
