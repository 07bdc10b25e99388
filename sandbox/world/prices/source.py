"""What the wire asks of whoever makes the prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sandbox.world.model import Market
from sandbox.world.prices.candles import Candle
from sandbox.world.prices.quotes import Quote
from sandbox.world.prices.tape import Trade

Level = tuple[int, int]  # price units, count units


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The trading side of a market row; None means no quote or never traded."""

    quote: Quote
    last: int | None
    volume: int
    volume_24h: int
    open_interest: int
    previous: Quote | None  # a day ago; None when it was not open then
    previous_last: int | None


@dataclass(frozen=True, slots=True)
class Book:
    """Bids of both legs, best bid last, each price in its own leg."""

    yes: tuple[Level, ...]
    no: tuple[Level, ...]


class PriceSource(Protocol):
    """Makes quotes, books, trades and candles of a market, deterministic in time."""

    def snapshot(self, market: Market, now_us: int) -> Snapshot:
        """Return what a market row says about trading."""

    def book(self, market: Market, now_us: int, depth: int) -> Book:
        """Return the order book, all levels for depth 0."""

    def count(self, market: Market, now_us: int) -> int:
        """Return how many trades there were until now."""

    def trade_us(self, market: Market, number: int) -> int:
        """Return when one trade happened (microseconds)."""

    def trade(self, market: Market, number: int) -> Trade:
        """Return one trade by its number, 0 is the first."""

    def candles(
        self, market: Market, start_us: int, end_us: int, period_us: int
    ) -> Iterator[Candle]:
        """Yield the candles that end between two times."""

    def last_before(self, market: Market, at_us: int) -> int | None:
        """Return the last traded price before a time."""
