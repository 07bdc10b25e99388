"""Follows prices that are drawn from the seed: the next trade of every market in a heap."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from sandbox.world.model import Market, Status
from sandbox.world.prices import PriceSource
from sandbox.world.prices.live import Change
from sandbox.world.prices.quotes import CELL_US
from sandbox.world.prices.tape import Trade
from sandbox.world.world import World


class SeededFollow:
    """`LivePrices` over a source that answers for any moment."""

    def __init__(self, world: World, prices: PriceSource) -> None:
        """Begin with the first call."""
        self._world, self._prices = world, prices
        self._at_us: int | None = None
        self._next: list[tuple[int, str, int]] = []  # time, ticker, number of the trade
        self._known: set[str] = set()

    def follow(self, until_us: int) -> Sequence[Change]:
        """Go on to a time; see `LivePrices.follow`."""
        before = self._at_us
        self._at_us = until_us
        if before is None or until_us < before:
            self._next, self._known = [], set()
            self._learn(until_us)
            return []
        trades = self._trades(until_us)
        changed = {ticker: found[-1].at_us for ticker, found in trades.items()}
        border = until_us // CELL_US * CELL_US
        if border > before:
            self._learn(border)
            changed = {**self._quoted(before, border), **changed}
        markets = self._world.markets
        changes = [
            Change(markets[ticker], at_us, trades.get(ticker, ()))
            for ticker, at_us in changed.items()
            if ticker in markets
        ]
        return sorted(changes, key=lambda change: change.at_us)

    def _learn(self, at_us: int) -> None:
        """Queue the next trade of every market that is not queued."""
        for ticker, market in self._world.markets.items():
            if ticker not in self._known and market.flow.interval_us and market.life.sessions:
                self._known.add(ticker)
                self._push(market, self._prices.count(market, at_us))

    def _push(self, market: Market, number: int) -> None:
        at_us = self._prices.trade_us(market, number)
        if at_us < market.life.sessions[-1][1]:
            heapq.heappush(self._next, (at_us, market.ticker, number))

    def _trades(self, until_us: int) -> dict[str, list[Trade]]:
        found: dict[str, list[Trade]] = {}
        while self._next and self._next[0][0] <= until_us:
            _, ticker, number = heapq.heappop(self._next)
            market = self._world.markets.get(ticker)
            if market is not None:
                found.setdefault(ticker, []).append(self._prices.trade(market, number))
                self._push(market, number + 1)
        return found

    def _quoted(self, before_us: int, border_us: int) -> dict[str, int]:
        """Return the markets whose best offers moved at a border or at one before it."""
        found: dict[str, int] = {}
        for ticker, market in self._world.markets.items():
            state = self._world.state(market)
            if state is None or state.status is not Status.ACTIVE:
                continue
            older = self._prices.book(market, before_us, 1)
            if older != self._prices.book(market, border_us, 1):
                found[ticker] = border_us
        return found
