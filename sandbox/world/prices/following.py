"""Follows every market of a world: who changed since the last look, soonest first."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence

from sandbox.world.model import Market
from sandbox.world.prices.arrivals import is_over
from sandbox.world.prices.live import Change
from sandbox.world.prices.simulation import NEVER_US, Simulation
from sandbox.world.units import SECOND
from sandbox.world.world import World

_WARMING = 1_000  # arrivals of history played per look, some 12 ms of work
_BEGINNING = 8  # arrivals that beginning with a market is worth
_SCAN_US = SECOND  # virtual time between two looks for new markets


class Following:
    """One reader's place in every market.

    A market's history is played before it can be followed, some markets with each look; what a
    market did since the first look is reported once it is there, so nothing is left out.
    """

    def __init__(self, world: World, simulate: Callable[[Market], Simulation]) -> None:
        """Follow nothing yet.

        Args:
            world: Whose markets to follow; somebody else moves it.
            simulate: Returns the one simulation of a market.
        """
        self._world, self._simulate = world, simulate
        self._since_us = self._until_us = self._scanned_us = -1
        self._forget()

    def _forget(self) -> None:
        self._known: set[str] = set()
        self._cold: deque[str] = deque()
        self._seen: dict[str, tuple[int, int, int]] = {}  # trades, quotes, book moved
        self._due: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def follow(self, until_us: int) -> Sequence[Change]:
        """Go on to a time; going back begins anew."""
        if self._until_us < 0 or until_us < self._until_us:
            self._forget()
            self._since_us = self._until_us = until_us
            self._scan(until_us)
            return ()
        self._until_us = until_us
        if until_us - self._scanned_us >= _SCAN_US:
            self._scan(until_us)
        self._warm()
        return sorted(self._changes(until_us), key=_moment)

    def wake(self, ticker: str, at_us: int) -> None:
        """Look at a market no later than at a time."""
        if ticker in self._seen and at_us < self._due.get(ticker, NEVER_US):
            self._plan(ticker, at_us)

    @property
    def is_warm(self) -> bool:
        """Whether the history of every market has been played."""
        return not self._cold

    def _scan(self, at_us: int) -> None:
        """Notice new markets and those the world has forgotten."""
        self._scanned_us = at_us
        markets = self._world.markets
        fresh = markets.keys() - self._known
        if fresh or len(self._known) > len(markets):
            for ticker in self._known - markets.keys():
                self._seen.pop(ticker, None)
                self._due.pop(ticker, None)
            self._cold.extend(t for t in sorted(fresh) if not is_over(markets[t], self._since_us))
            self._known = set(markets)

    def _warm(self) -> None:
        left = _WARMING
        while self._cold and left > 0:
            ticker = self._cold[0]
            market = self._world.markets.get(ticker)
            if market is not None:
                simulation = self._simulate(market)
                before = simulation.steps
                if not simulation.run(self._since_us, left):
                    return
                left -= simulation.steps - before + _BEGINNING
                record = simulation.record
                since_us = self._since_us
                seen = record.count(since_us), record.quotes(since_us), since_us
                self._seen[ticker] = seen
                self._plan(ticker, self._since_us)
            self._cold.popleft()

    def _plan(self, ticker: str, at_us: int) -> None:
        self._due[ticker] = at_us
        heapq.heappush(self._heap, (at_us, ticker))

    def _changes(self, until_us: int) -> list[Change]:
        heap, markets = self._heap, self._world.markets
        found = []
        while heap and heap[0][0] <= until_us:
            at_us, ticker = heapq.heappop(heap)
            market = markets.get(ticker)
            if market is None or self._due.get(ticker) != at_us:
                continue
            del self._due[ticker]
            change = self._look(market, until_us)
            if change is not None:
                found.append(change)
        return found

    def _look(self, market: Market, until_us: int) -> Change | None:
        """Play a market up to a time and say what is new."""
        simulation = self._simulate(market)
        simulation.run(until_us)
        record, ticker = simulation.record, market.ticker
        trade, quote, moved_us = self._seen[ticker]
        trades, quotes = record.count(until_us), record.quotes(until_us)
        is_ahead = simulation.moved_us > until_us  # somebody asked for a later moment
        last_us = moved_us if is_ahead else max(simulation.moved_us, moved_us)
        if trades > trade:
            last_us = max(last_us, record.times[trades - 1])
        if quotes > quote:
            last_us = max(last_us, record.quoted[quotes - 1])
        self._seen[ticker] = (trades, quotes, last_us)
        due_us = until_us + 1 if is_ahead else simulation.due_us
        if due_us < NEVER_US:
            self._plan(ticker, due_us)
        if last_us <= moved_us and trades <= trade and quotes <= quote:
            return None
        new = [record.trade(market, number) for number in range(trade, trades)]
        return Change(market, last_us, new)


def _moment(change: Change) -> int:
    return change.at_us
