"""Goes along with the lives of all markets and says what is announced, in order of time."""

from __future__ import annotations

import heapq

from sandbox.vendors.kalshi.stream import announcements
from sandbox.vendors.kalshi.stream.messages import Message
from sandbox.world.model import Event, Market
from sandbox.world.world import World

_LISTED = -1  # instead of the number of a state: the event itself
_MOVED = -2  # its date moved: sub titles change


class Lives:
    """The next step of every market in a heap; events are found when they are listed."""

    def __init__(self, world: World) -> None:
        """Begin with the first call."""
        self._world = world
        self._at_us: int | None = None
        self._heap: list[tuple[int, str, int]] = []
        self._known: set[str] = set()

    def restart(self) -> None:
        """Forget everything: what happened meanwhile is not announced any more."""
        self._at_us = None

    def until(self, until_us: int) -> list[Message]:
        """Return what is announced in (last call, until]; nothing at the first call."""
        before = self._at_us
        self._at_us = until_us
        if before is None or until_us < before:
            self._heap, self._known = [], set()
            for event in self._world.events.values():
                self._learn(event, until_us)
            return []
        self._find_new(before)
        found: list[Message] = []
        while self._heap and self._heap[0][0] <= until_us:
            _, ticker, number = heapq.heappop(self._heap)
            found += self._step(ticker, number)
        return found

    def _find_new(self, since_us: int) -> None:
        if len(self._known) > 2 * len(self._world.events) + 1_000:
            self._known &= self._world.events.keys()
        for event in self._world.listing():
            if event.ticker in self._known:
                return
            self._learn(event, since_us)

    def _learn(self, event: Event, since_us: int) -> None:
        self._known.add(event.ticker)
        if event.created_us > since_us:
            heapq.heappush(self._heap, (event.created_us, event.ticker, _LISTED))
        if event.moved is not None and event.moved[0] > since_us:
            heapq.heappush(self._heap, (event.moved[0], event.ticker, _MOVED))
        for market in event.markets:
            number = next((n for n, at in enumerate(market.life.times) if at > since_us), None)
            if number is not None:
                self._push(market, number)

    def _push(self, market: Market, number: int) -> None:
        at_us = max(market.life.times[number], market.created_us)  # siblings follow each other
        heapq.heappush(self._heap, (at_us, market.ticker, number))

    def _step(self, ticker: str, number: int) -> list[Message]:
        if number < 0:
            event = self._world.events.get(ticker)
            return _of_event(event, number) if event else []
        market = self._world.markets.get(ticker)
        if market is None:
            return []
        if number + 1 < len(market.life.times):
            self._push(market, number + 1)
        at_us = market.life.times[number]
        if market.removed_us is not None and market.removed_us <= at_us:
            return []
        if number == 0:
            return announcements.begun(market)
        return announcements.changed(market, number)


def _of_event(event: Event, step: int) -> list[Message]:
    if step == _MOVED and event.moved is not None:
        at_us = event.moved[0]
        return [announcements.metadata_announced(market, at_us) for market in event.markets]
    found = [announcements.event_created(event)]
    if event.fee_override is not None:
        found.append(announcements.fees_announced(event, event.created_us))
    return found
