"""Candles folded from the seeded trades and quotes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sandbox.world.model import Market
from sandbox.world.prices.quotes import quote_at
from sandbox.world.prices.tape import (
    Trade,
    count_until,
    last_price,
    trades_between,
    volume_of,
)
from sandbox.world.units import DOLLAR

Bar = tuple[int, int, int, int]  # open, high, low, close in price units


@dataclass(frozen=True, slots=True)
class Candle:
    """One period; `price` and `mean` are None when nothing traded."""

    end_us: int
    bid: Bar
    ask: Bar
    price: Bar | None
    mean: int | None
    previous: int | None
    volume: int
    open_interest: int


def bar_of(prices: Iterable[int]) -> Bar:
    """Fold prices, oldest first."""
    values = list(prices)
    return values[0], max(values), min(values), values[-1]


def open_interest_of(market: Market, volume: int) -> int:
    """Return the contracts held: a fixed share of those ever traded."""
    return volume * (50 + market.flow.key % 40) // 100


def candles_between(market: Market, start_us: int, end_us: int, period_us: int) -> Iterator[Candle]:
    """Yield the candles that end in start..end and in which something happened."""
    if not market.life.sessions:
        return
    first, last = market.life.sessions[0][0], market.life.sessions[-1][1]
    end = max(-(-start_us // period_us), first // period_us + 1) * period_us
    stop = min(end_us, last + period_us)
    while end <= stop:
        candle = _candle(market, end, period_us)
        if candle is not None:
            yield candle
        end += period_us


def latest_before(market: Market, start_us: int) -> int | None:
    """Return the last traded price before a time."""
    return last_price(market, count_until(market, start_us))


def _candle(market: Market, end_us: int, period_us: int) -> Candle | None:
    begin = end_us - period_us
    quotes = [quote_at(market, begin + period_us * part // 3) for part in range(4)]
    trades = list(trades_between(market, begin, end_us))
    if not trades and quotes[0] == quotes[-1]:
        return None
    before, after = count_until(market, begin), count_until(market, end_us)
    volume = volume_of(market, after)
    return Candle(
        end_us=end_us,
        bid=bar_of(quote.bid or 0 for quote in quotes),
        ask=bar_of(DOLLAR if quote.ask is None else quote.ask for quote in quotes),
        price=bar_of(trade.price for trade in trades) if trades else None,
        mean=_mean(trades),
        previous=last_price(market, before),
        volume=volume - volume_of(market, before),
        open_interest=open_interest_of(market, volume),
    )


def _mean(trades: list[Trade]) -> int | None:
    total = sum(trade.count for trade in trades)
    return sum(trade.price * trade.count for trade in trades) // total if total else None
