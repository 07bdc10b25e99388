"""Everything on Kalshi that is not final, out of lists that each show a part of it."""

from collections.abc import AsyncIterator, Sequence

import structlog

from app.core.errors import PayloadInvalid
from app.domain.catalogue import CataloguePage
from app.services.kalshi.client import KalshiClient, Params
from app.services.kalshi.errors import KalshiRefused
from app.services.kalshi.paging import ListingIncomplete, Page, read_pages
from app.services.kalshi.tickers import ticker_lists
from app.services.kalshi.translation import translate_events, translate_markets

log = structlog.get_logger()

# In the order of a market's life, so that what moves on meanwhile is met again.
_EVENT_STATUSES = ("unopened", "open", "closed")
_MARKET_STATUSES = ("unopened", "open", "paused", "closed")
EVENTS_PER_PAGE = {"limit": "200"}
MARKETS_PER_PAGE = {"limit": "1000"}
NESTED = {"with_nested_markets": "true", **EVENTS_PER_PAGE}


class CatalogueListing:
    """One run through all lists; each event and each market comes once.

    Events bring their markets with them. `/events` knows no filter for paused markets
    and shows only what its nesting shows, so the markets' own lists follow: of these only
    rows not seen before are translated, their events fetched by name.
    """

    def __init__(self, client: KalshiClient, *, include_combos: bool) -> None:
        self._client = client
        self._include_combos = include_combos
        self._no_combos = {} if include_combos else {"mve_filter": "exclude"}
        self._events: set[str] = set()
        self._markets: set[str] = set()

    async def pages(self) -> AsyncIterator[CataloguePage]:
        """Yield all pages.

        Raises:
            ListingIncomplete, PayloadInvalid: after all that could be read, when one of
                the lists broke off.
        """
        lists = [self._list_events({"status": status}) for status in _EVENT_STATUSES]
        if self._include_combos:
            lists.append(self._list_events({}, path="/events/multivariate"))
        lists += [self._list_markets(status) for status in _MARKET_STATUSES]
        async for page in one_after_another(lists):
            self._markets.update(market.ext_id for market in page.markets)
            self._markets.update(reject.ext_id for reject in page.rejects if reject.ext_id)
            yield page

    async def _list_events(
        self, filters: Params, *, path: str = "/events"
    ) -> AsyncIterator[CataloguePage]:
        async for page in read_pages(self._client, path, {**filters, **NESTED}, key="events"):
            yield await translate_events(page, seen=self._events, with_combos=self._include_combos)

    async def _list_markets(self, status: str) -> AsyncIterator[CataloguePage]:
        asked = {"status": status, **self._no_combos, **MARKETS_PER_PAGE}
        try:
            async for page in read_pages(self._client, "/markets", asked, key="markets"):
                async for found in self._add_markets(page):
                    yield found
        except KalshiRefused as error:
            if error.status != 400:  # `paused` is in the document, not in all of its texts
                raise
            log.warning("filter.refused", exchange="kalshi", filter=status)

    async def _add_markets(self, page: Page) -> AsyncIterator[CataloguePage]:
        """Yield the events of markets not seen before, then those markets they did not bring."""
        names = _texts(self._unseen(page.rows), "event_ticker")
        for chunk in ticker_lists([name for name in names if name not in self._events]):
            async for found in self._list_events({"tickers": chunk}):
                yield found
        rest = self._unseen(page.rows)
        if rest:
            only = Page(rest, page.asked_at)
            yield await translate_markets(only, with_combos=self._include_combos)

    def _unseen(self, rows: Sequence[object]) -> Sequence[object]:
        return [
            row
            for row in rows
            if not isinstance(row, dict) or row.get("ticker") not in self._markets
        ]


async def one_after_another(
    lists: Sequence[AsyncIterator[CataloguePage]],
) -> AsyncIterator[CataloguePage]:
    """Yield the pages of several lists; one that breaks off is made known after the last.

    Raises:
        ListingIncomplete, PayloadInvalid: the first of those that a list raised.
    """
    problem: ListingIncomplete | PayloadInvalid | None = None
    for pages in lists:
        try:
            async for page in pages:
                yield page
        except (ListingIncomplete, PayloadInvalid) as error:
            problem = problem or error
    if problem is not None:
        raise problem


def _texts(rows: Sequence[object], key: str) -> Sequence[str]:
    fields = (row.get(key) for row in rows if isinstance(row, dict))
    return list(dict.fromkeys(field for field in fields if isinstance(field, str)))
