"""Prices drawn from the seed and the time alone, until the matching book makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.world.model import Grid, Market, Status
from sandbox.world.noise import natural
from sandbox.world.prices.candles import (
    Candle,
    candles_between,
    latest_before,
    open_interest_of,
)
from sandbox.world.prices.grids import step_below
from sandbox.world.prices.quotes import NO_QUOTE, Quote, quote_at, size_at
from sandbox.world.prices.source import Book, Level, Snapshot
from sandbox.world.prices.tape import Trade, count_until, last_price, trade_at, trade_us, volume_of
from sandbox.world.units import DAY, DOLLAR, MINUTE

_REMEMBERED = 300_000
_ROUND = 10 * MINUTE
_QUOTED = frozenset({Status.ACTIVE, Status.INACTIVE})


@dataclass(frozen=True, slots=True)
class _Yesterday:
    quote: Quote | None  # None: not open then
    last: int | None
    volume: int


def _levels(grid: Grid, best: int, key: int, at_us: int, count: int) -> tuple[Level, ...]:
    """Return `count` levels down from the best bid, best last."""
    levels: list[Level] = []
    price = best
    for level in range(count):
        if price <= 0:
            break
        levels.append((price, size_at(key, level, at_us)))
        price -= step_below(grid, price) * (1 + natural(key ^ 9, level) % 3)
    return tuple(reversed(levels))


class SeededPrices:
    """A `PriceSource` that depends on seed and time alone; it remembers only to be quick."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._last: dict[str, tuple[int, int | None]] = {}
        self._yesterday: dict[str, tuple[int, _Yesterday]] = {}

    def _quote(self, market: Market, at_us: int) -> Quote:
        state = market.life.at(at_us)
        return quote_at(market, at_us) if state and state.status in _QUOTED else NO_QUOTE

    def _last_price(self, market: Market, trades: int) -> int | None:
        if len(self._last) > _REMEMBERED:  # mostly markets the world has forgotten
            self._last.clear()
            self._yesterday.clear()
        known = self._last.get(market.ticker)
        if known is None or known[0] != trades:
            known = self._last[market.ticker] = (trades, last_price(market, trades))
        return known[1]

    def _day_ago(self, market: Market, now_us: int) -> _Yesterday:
        """Return what stood a day ago, to ten minutes."""
        at_us = (now_us - DAY) // _ROUND * _ROUND
        if at_us <= market.event.open_us:
            return _Yesterday(None, None, 0)
        known = self._yesterday.get(market.ticker)
        if known is None or known[0] != at_us:
            trades = count_until(market, at_us)
            figures = _Yesterday(
                self._quote(market, at_us), last_price(market, trades), volume_of(market, trades)
            )
            known = self._yesterday[market.ticker] = (at_us, figures)
        return known[1]

    def snapshot(self, market: Market, now_us: int) -> Snapshot:
        """Return what a market row says about trading."""
        trades = count_until(market, now_us)
        volume = volume_of(market, trades)
        before = self._day_ago(market, now_us)
        return Snapshot(
            quote=self._quote(market, now_us),
            last=self._last_price(market, trades),
            volume=volume,
            volume_24h=volume - before.volume,
            open_interest=open_interest_of(market, volume),
            previous=before.quote,
            previous_last=before.last,
        )

    def book(self, market: Market, now_us: int, depth: int) -> Book:
        """Return the order book, all levels for depth 0."""
        quote = self._quote(market, now_us)
        grid, key = market.event.grid, market.flow.key
        levels = 4 + key % 12
        levels = min(levels, depth) if depth else levels
        yes = () if quote.bid is None else _levels(grid, quote.bid, key, now_us, levels)
        no: tuple[Level, ...] = ()
        if quote.ask is not None:
            no = _levels(grid, DOLLAR - quote.ask, key + 7, now_us, levels)
        return Book(yes, no)

    def count(self, market: Market, now_us: int) -> int:
        """Return how many trades there were until now."""
        return count_until(market, now_us)

    def trade_us(self, market: Market, number: int) -> int:
        """Return when one trade happened."""
        return trade_us(market, number)

    def trade(self, market: Market, number: int) -> Trade:
        """Return one trade by its number, 0 is the first."""
        return trade_at(market, number)

    def candles(
        self, market: Market, start_us: int, end_us: int, period_us: int
    ) -> Iterator[Candle]:
        """Yield the candles that end between two times."""
        return candles_between(market, start_us, end_us, period_us)

    def last_before(self, market: Market, at_us: int) -> int | None:
        """Return the last traded price before a time."""
        return latest_before(market, at_us)
