"""Walks the world in listing order: newest event first, its markets in their own order."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.vendors.kalshi.filters import EventQuery, MarketQuery
from sandbox.vendors.kalshi.paging import Place
from sandbox.world.model import Event, Market, State
from sandbox.world.world import World


def _event_place(after: Place | None) -> tuple[int, str] | None:
    return (int(after[0]), str(after[1])) if after else None


class MarketListing:
    """Markets that match a query; `historical` turns to those settled before the cutoff."""

    def __init__(self, world: World, query: MarketQuery, *, historical: bool = False) -> None:
        """Walk a world."""
        self._world, self._query, self._historical = world, query, historical

    def ext_id(self, item: tuple[Market, State]) -> str:
        """Return the ticker."""
        return item[0].ticker

    def entries(self, after: Place | None) -> Iterator[tuple[Place, tuple[Market, State]]]:
        """Yield the matching markets behind a place."""
        first = _event_place(after)
        for event in self._events(first):
            combo = event.collection is not None
            if not self._query.wants_event(event.ticker, event.series.ticker, is_combo=combo):
                continue
            behind = first is not None and (event.created_us, event.ticker) == first
            start = int(after[2]) + 1 if after and behind else 0
            for market, state in self._matching(event, start):
                yield [event.created_us, event.ticker, market.index], (market, state)

    def _events(self, first: tuple[int, str] | None) -> Iterator[Event]:
        named = self._query.event_ticker
        if not named:
            yield from self._world.listing(first)
        elif named in self._world.events:
            yield self._world.events[named]

    def _matching(self, event: Event, start: int) -> Iterator[tuple[Market, State]]:
        world, query = self._world, self._query
        shared = event.life.at(world.now_us) if event.uniform else None
        if shared is not None and self._is_hopeless(event, shared):
            return
        for market in event.markets[start:]:
            state = shared or world.state(market)
            if state is None or world.is_live(state) == self._historical:
                continue
            if query.wants(market.ticker, market.created_us, state):
                yield market, state

    def _is_hopeless(self, event: Event, state: State) -> bool:
        if self._world.is_live(state) == self._historical:
            return True
        return not self._query.may_want(state, event.markets[-1].created_us)


class EventListing:
    """Events that match a query: combos only with `multivariate`, else all others."""

    def __init__(
        self, world: World, query: EventQuery, *, multivariate: bool = False, collection: str = ""
    ) -> None:
        """Walk a world."""
        self._world, self._query = world, query
        self._multivariate, self._collection = multivariate, collection

    def ext_id(self, item: Event) -> str:
        """Return the ticker."""
        return item.ticker

    def entries(self, after: Place | None) -> Iterator[tuple[Place, Event]]:
        """Yield the matching events behind a place."""
        last = _event_place(after)
        for event in self._world.listing(last):
            place = (event.created_us, event.ticker)
            if place != last and self._wants(event):
                yield [*place], event

    def _wants(self, event: Event) -> bool:
        if (event.collection is not None) != self._multivariate:
            return False
        if self._collection and event.collection != self._collection:
            return False
        query = self._query
        updated_us = event.updated_us(self._world.now_us)
        if not query.wants(event.ticker, event.series.ticker, updated_us):
            return False
        if query.statuses is None and query.min_close_us is None:
            return True
        found = (self._world.state(market) for market in event.markets)
        return query.wants_any([state for state in found if state is not None])
