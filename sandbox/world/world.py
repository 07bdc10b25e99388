"""The catalogue at a moment: which events exist, found by ticker and in listing order."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator

from sandbox.world.catalogue.choice_of_slots import choose_slots
from sandbox.world.catalogue.slots import Slot
from sandbox.world.model import Event, Market, Series, State
from sandbox.world.units import LIVE_US

Place = tuple[int, str]  # listing time and ticker of an event: the order of every listing


class World:
    """A function of (seed, size, now) that remembers what it has computed.

    `advance` moves it; going back in time rebuilds it.
    """

    def __init__(self, seed: int, events: int, now_us: int) -> None:
        """Build the world as it is at `now_us`.

        Args:
            seed: Same seed, size and time give the same catalogue.
            events: About how many events to show.
            now_us: Microseconds since 1970.
        """
        self.seed = seed
        self._slots: list[Slot] = choose_slots(seed, events)
        tickers = {slot.series.ticker: slot.series for slot in self._slots}
        self.series: dict[str, Series] = dict(sorted(tickers.items()))
        self._build(now_us)

    def _build(self, now_us: int) -> None:
        self.now_us = now_us
        self.events: dict[str, Event] = {}
        self.markets: dict[str, Market] = {}
        self._order: list[Place] = []
        self._gone: list[tuple[int, str]] = []
        self._next: list[tuple[int, int, int]] = []
        found: list[Event] = []
        for number, slot in enumerate(self._slots):
            rhythm = slot.rhythm
            newest = rhythm.newest(now_us)
            for index in range(rhythm.oldest(now_us), newest + 1):
                event = slot.make_if_known(index, now_us)
                if event is not None:
                    found.append(event)
            self._next.append((rhythm.listed_us(newest + 1), number, newest + 1))
        heapq.heapify(self._next)
        for event in sorted(found, key=lambda event: (event.created_us, event.ticker)):
            self._add(event)

    def _add(self, event: Event) -> None:
        self.events[event.ticker] = event
        self._order.append((event.created_us, event.ticker))
        heapq.heappush(self._gone, (event.gone_us, event.ticker))
        for market in event.markets:
            self.markets[market.ticker] = market

    def advance(self, now_us: int) -> None:
        """Move the world to a time: list what is due, forget what is long gone."""
        if now_us < self.now_us:
            self._build(now_us)
            return
        self.now_us = now_us
        while self._next and self._next[0][0] <= now_us:
            _, number, index = heapq.heappop(self._next)
            slot = self._slots[number]
            event = slot.make_if_known(index, now_us)
            if event is not None:
                self._add(event)
            heapq.heappush(self._next, (slot.rhythm.listed_us(index + 1), number, index + 1))
        self._forget(now_us)

    def _forget(self, now_us: int) -> None:
        if not self._gone or self._gone[0][0] > now_us:
            return
        while self._gone and self._gone[0][0] <= now_us:
            event = self.events.pop(heapq.heappop(self._gone)[1])
            for market in event.markets:
                del self.markets[market.ticker]
        self._order = [place for place in self._order if place[1] in self.events]

    def cutoff_us(self) -> int:
        """Return the settlement time before which markets are historical."""
        return self.now_us - LIVE_US

    def listing(self, after: Place | None = None) -> Iterator[Event]:
        """Yield events newest first, from (and including) the place `after`."""
        start = len(self._order)
        if after is not None:
            start = bisect_left(self._order, after)
            if start < len(self._order) and self._order[start] == after:
                start += 1
        for position in range(start - 1, -1, -1):
            yield self.events[self._order[position][1]]

    def state(self, market: Market) -> State | None:
        """Return a market's state now, None when it is not listed or was removed."""
        if market.removed_us is not None and market.removed_us <= self.now_us:
            return None
        return market.life.at(self.now_us)

    def is_live(self, state: State) -> bool:
        """Say whether a market in this state is still in the live endpoints."""
        return state.settled_us is None or state.settled_us >= self.cutoff_us()
