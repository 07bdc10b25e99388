"""Seeded trades: how many there were, when, at what price; volume is their sum by construction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.world.model import Flow, Market
from sandbox.world.noise import natural
from sandbox.world.prices.quotes import quote_at
from sandbox.world.units import DOLLAR


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade: price of YES in price units, `count` in count units."""

    market: Market
    number: int
    at_us: int
    count: int
    price: int
    taker_yes: bool


def _elapsed(sessions: tuple[tuple[int, int], ...], at_us: int) -> int:
    total = 0
    for begin, end in sessions:
        if at_us <= begin:
            break
        total += min(at_us, end) - begin
    return total


def _moment(sessions: tuple[tuple[int, int], ...], elapsed: int) -> int:
    for begin, end in sessions:
        if elapsed < end - begin:
            return begin + elapsed
        elapsed -= end - begin
    return sessions[-1][1]


def _offset(flow: Flow, number: int) -> int:
    """Return where in its interval trade `number` falls; never at the very start."""
    return 1 + (flow.interval_us * natural(flow.key, number) >> 10)


def count_until(market: Market, at_us: int) -> int:
    """Return how many trades happened up to and including a time."""
    flow = market.flow
    if flow.interval_us == 0:
        return 0
    elapsed = _elapsed(market.life.sessions, at_us)
    whole, rest = divmod(elapsed, flow.interval_us)
    return whole + (rest >= _offset(flow, whole))


def volume_of(market: Market, trades: int) -> int:
    """Return the contracts (count units) of the first `trades` trades; strictly rising."""
    flow = market.flow
    wobble = natural(flow.key ^ 3, trades) - natural(flow.key ^ 3, 0)
    return flow.lot * trades + 2 * flow.lot * wobble // 5_120


def trade_us(market: Market, number: int) -> int:
    """Return when trade `number` (0 is the first) happened."""
    elapsed = number * market.flow.interval_us + _offset(market.flow, number)
    return _moment(market.life.sessions, elapsed)


def _fill(market: Market, number: int, at_us: int) -> tuple[int, bool]:
    """Return the price of a trade and whether the taker bought YES."""
    quote = quote_at(market, at_us)
    taker_yes = natural(market.flow.key ^ 5, number) < 512
    price = quote.ask if taker_yes else quote.bid
    if price is None:
        price, taker_yes = (quote.bid, False) if taker_yes else (quote.ask, True)
    return (DOLLAR // 2, taker_yes) if price is None else (price, taker_yes)


def trade_at(market: Market, number: int) -> Trade:
    """Return trade `number` (0 is the first) of a market."""
    at_us = trade_us(market, number)
    price, taker_yes = _fill(market, number, at_us)
    count = volume_of(market, number + 1) - volume_of(market, number)
    return Trade(market, number, at_us, count, price, taker_yes)


def last_price(market: Market, trades: int) -> int | None:
    """Return the price of the last of the first `trades` trades, None if there was none."""
    return _fill(market, trades - 1, trade_us(market, trades - 1))[0] if trades else None


def trades_between(market: Market, after_us: int, until_us: int) -> Iterator[Trade]:
    """Yield the trades in (after, until], oldest first."""
    for number in range(count_until(market, after_us), count_until(market, until_us)):
        yield trade_at(market, number)
