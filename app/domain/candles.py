"""Candles: what a market's price did in one period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.catalogue import Reject
from app.domain.types import Contracts, Exchange, Price


@dataclass(frozen=True, slots=True)
class Ohlc:
    """One side's best offer over a period, 0..1; None = no offer at that moment."""

    open: Price | None = None
    high: Price | None = None
    low: Price | None = None
    close: Price | None = None


@dataclass(frozen=True, slots=True)
class Candle:
    """One period of a market, prices of its first outcome, 0..1.

    Attributes:
        bucket_at: start of the period (UTC); it ends at `bucket_at + interval`, included.
        open: first traded price; `open`, `high`, `low`, `close`, `mean` are None
            in a period without a trade.
        mean: average traded price, as the exchange computed it.
        previous: last traded price before the period; None = never traded before.
        lowest, highest: extremes of `close` the exchange states for aggregated periods.
        volume: contracts traded in the period (not cumulative).
        open_interest: contracts outstanding at the end of the period.
        bid, ask: best offers over the period; their `close` is the quote at its end.
    """

    exchange: Exchange
    market_ext_id: str
    bucket_at: datetime
    interval: timedelta
    open: Price | None = None
    high: Price | None = None
    low: Price | None = None
    close: Price | None = None
    mean: Price | None = None
    previous: Price | None = None
    lowest: Price | None = None
    highest: Price | None = None
    volume: Contracts | None = None
    open_interest: Contracts | None = None
    bid: Ohlc = Ohlc()
    ask: Ohlc = Ohlc()

    @property
    def end_at(self) -> datetime:
        """End of the period, which belongs to it."""
        return self.bucket_at + self.interval


@dataclass(frozen=True, slots=True)
class CandlePage:
    """Candles of one market, oldest first, and rows that could not be read."""

    candles: Sequence[Candle] = ()
    rejects: Sequence[Reject] = ()
