"""Candles of recorded tickers, folded frame by frame with decimals, as their definition reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.vendors.kalshi.stream.recorded_frames import TickerFields

_MINUTE_MS = 60_000
Fields = dict[str, object]


@dataclass(slots=True)
class Bar:
    """Open, high, low and close, None before the first price."""

    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None

    def add(self, price: Decimal, *, is_late: bool) -> None:
        """Take a price; a late one widens only, unless it is the first."""
        if self.open is None:
            self.open = self.close = price
        self.high = price if self.high is None else max(self.high, price)
        self.low = price if self.low is None else min(self.low, price)
        if not is_late:
            self.close = price

    def join(self, later: Bar) -> None:
        """Take the bar of a later time."""
        for price in (later.open, later.high, later.low, later.close):
            if price is not None:
                self.add(price, is_late=False)

    def fields(self) -> Fields:
        """Return the bar as REST writes it, empty without prices."""
        named = ("open", self.open), ("high", self.high), ("low", self.low), ("close", self.close)
        return {f"{name}_dollars": f"{price:.4f}" for name, price in named if price is not None}


@dataclass(slots=True)
class Minute:
    """One period of one market; `end_s` is where it ends (Unix seconds)."""

    end_s: int
    price: Bar = field(default_factory=Bar)
    bid: Bar = field(default_factory=Bar)
    ask: Bar = field(default_factory=Bar)
    volume: Decimal = Decimal(0)
    open_interest: Decimal = Decimal(0)

    def join(self, later: Minute) -> None:
        """Take a later part of the same period."""
        self.price.join(later.price)
        self.bid.join(later.bid)
        self.ask.join(later.ask)
        self.volume += later.volume
        self.open_interest = later.open_interest

    def fields(self) -> Fields:
        """Return the candle as REST writes it."""
        return {
            "end_period_ts": self.end_s,
            "open_interest_fp": f"{self.open_interest:.2f}",
            "price": self.price.fields(),
            "volume_fp": f"{self.volume:.2f}",
            "yes_ask": self.ask.fields(),
            "yes_bid": self.bid.fields(),
        }


class MarketFold:
    """Folds the frames of one market in their order of arrival."""

    def __init__(self) -> None:
        """Start without a frame."""
        self.minutes: dict[int, Minute] = {}
        self._newest_ms = 0
        self._volume: Decimal | None = None

    def add(self, tick: TickerFields) -> None:
        """Take one frame; those of 2025 without `ts_ms` have no place in the order."""
        if tick.ts_ms is None:
            return
        is_late = tick.ts_ms < self._newest_ms
        number = tick.ts_ms // _MINUTE_MS
        minute = self.minutes.setdefault(number, Minute((number + 1) * 60))
        self._add_volume(minute, Decimal(tick.volume_fp or 0), is_late=is_late)
        if tick.price_dollars and (Decimal(tick.price_dollars) or Decimal(tick.volume_fp or 0)):
            minute.price.add(Decimal(tick.price_dollars), is_late=is_late)
        if is_late:
            return
        self._newest_ms = tick.ts_ms
        minute.open_interest = Decimal(tick.open_interest_fp or 0)
        minute.bid.add(Decimal(tick.yes_bid_dollars or 0), is_late=False)
        minute.ask.add(Decimal(tick.yes_ask_dollars or 1), is_late=False)

    def _add_volume(self, minute: Minute, volume: Decimal, *, is_late: bool) -> None:
        if self._volume is not None and volume > self._volume:
            minute.volume += volume - self._volume
            self._volume = volume
        elif not is_late:
            self._volume = volume


def candles(ticks: Iterable[TickerFields], minutes: int) -> list[Minute]:
    """Return the candles of a market, `minutes` long, oldest first."""
    fold = MarketFold()
    for tick in ticks:
        fold.add(tick)
    period_s = minutes * 60
    found: dict[int, Minute] = {}
    for _, part in sorted(fold.minutes.items()):
        end_s = -(-part.end_s // period_s) * period_s
        found.setdefault(end_s, Minute(end_s)).join(part)
    return list(found.values())
