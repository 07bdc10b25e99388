"""A fold that is slow and plain: what the fast one is held against."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.fold import MicroCandle
from app.domain.ticks import Tick


@dataclass(frozen=True, slots=True)
class PlainTick:
    """A tick written down by a test."""

    market_ext_id: str
    ts_ms: int
    last: str = "0.5000"
    bid: str = "0.4900"
    ask: str = "0.5100"
    bid_size: str = "10.00"
    ask_size: str = "20.00"
    volume: str = "100.00"
    open_interest: str = "40.00"


@dataclass(slots=True)
class Bar:
    """One minute of one market."""

    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    open_interest: Decimal | None = None
    volume: Decimal = Decimal(0)
    frames: int = 0


@dataclass(slots=True)
class NaiveMarket:
    newest_ms: int = 0
    volume: Decimal | None = None
    bars: dict[int, Bar] = field(default_factory=dict)

    def count(self, tick: Tick) -> None:
        bar = self.bars.setdefault(tick.ts_ms // 60_000, Bar())
        bar.frames += 1
        is_late = tick.ts_ms < self.newest_ms
        self._count_volume(bar, Decimal(tick.volume), is_late)
        if tick.last and (Decimal(tick.last) or Decimal(tick.volume)):
            _count_price(bar, Decimal(tick.last), is_late)
        if not is_late:
            self.newest_ms = tick.ts_ms
            bar.bid = _offer(tick.bid, tick.bid_size)
            bar.ask = _offer(tick.ask, tick.ask_size)
            bar.open_interest = Decimal(tick.open_interest)

    def _count_volume(self, bar: Bar, volume: Decimal, is_late: bool) -> None:
        if self.volume is not None and volume > self.volume:
            bar.volume += volume - self.volume
            self.volume = volume
        elif not is_late:
            self.volume = volume


def _count_price(bar: Bar, price: Decimal, is_late: bool) -> None:
    bar.high = price if bar.high is None else max(bar.high, price)
    bar.low = price if bar.low is None else min(bar.low, price)
    if bar.open is None:
        bar.open = price
    if not is_late:
        bar.close = price


def _offer(price: str, size: str) -> Decimal | None:
    return Decimal(price) if 0 < Decimal(price) < 1 and Decimal(size) else None


def naive_fold(ticks: Iterable[Tick]) -> dict[tuple[str, int], Bar]:
    """Fold frame by frame with Decimals, as the definition of a candle reads."""
    markets: dict[str, NaiveMarket] = {}
    for tick in ticks:
        markets.setdefault(tick.market_ext_id, NaiveMarket()).count(tick)
    return {
        (ext_id, minute): bar
        for ext_id, market in markets.items()
        for minute, bar in market.bars.items()
    }


def to_bar(candle: MicroCandle) -> Bar:
    """Return a minute of the fast fold in the plain one's terms."""

    def exact(number: int | None, decimals: int) -> Decimal | None:
        return None if number is None else Decimal(number).scaleb(-decimals)

    return Bar(
        open=exact(candle.open, 6),
        high=exact(candle.high, 6),
        low=exact(candle.low, 6),
        close=exact(candle.close, 6),
        bid=exact(candle.bid, 6),
        ask=exact(candle.ask, 6),
        open_interest=exact(candle.open_interest, 2),
        volume=Decimal(candle.volume).scaleb(-2),
        frames=candle.frames,
    )
