"""Kalshi's catalogue as the port `MarketSource`."""

import math
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from app.core.clock import Clock
from app.core.config import KalshiSettings
from app.core.errors import OperatorError, PayloadInvalid, SourceUnavailable
from app.domain.catalogue import CataloguePage, join_pages
from app.domain.types import Exchange
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.client import AnswerListener, KalshiClient, Params
from app.services.kalshi.errors import SOURCE, KalshiRefused
from app.services.kalshi.listing import (
    EVENTS_PER_PAGE,
    MARKETS_PER_PAGE,
    NESTED,
    CatalogueListing,
    one_after_another,
)
from app.services.kalshi.normalize import is_combo_event, to_exchange_status
from app.services.kalshi.paging import ListingIncomplete, read_pages
from app.services.kalshi.tickers import market_path, ticker_lists
from app.services.kalshi.translation import (
    translate_events,
    translate_markets,
    translate_series,
)
from app.services.ports import ExchangeStatus

_STATUS_BODIES = frozenset({500, 503, 504})


def open_kalshi(
    settings: KalshiSettings,
    clock: Clock,
    *,
    retry: RetryPolicy | None = None,
    on_answer: AnswerListener | None = None,
) -> KalshiClient:
    """Make a client from settings; it signs when a key is set.

    Args:
        on_answer: told of every answer; a recorder listens here.

    Raises:
        OperatorError: the key or the base URL is wrong, or half of a key is set.
    """
    pem = settings.private_key.get_secret_value()
    if bool(settings.api_key_id) != bool(pem):
        raise OperatorError("Set both KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY, or neither.")
    signer = KalshiSigner(settings.api_key_id, pem) if settings.has_key else None
    return KalshiClient(settings, clock, signer=signer, retry=retry, on_answer=on_answer)


class KalshiMarkets:
    """Kalshi's series, events and markets; see `MarketSource` for what each method promises."""

    exchange = Exchange.KALSHI

    def __init__(self, client: KalshiClient, *, include_combos: bool = False) -> None:
        self._client = client
        self._include_combos = include_combos
        self._no_combos = {} if include_combos else {"mve_filter": "exclude"}

    async def fetch_series(self) -> AsyncIterator[CataloguePage]:
        """Yield all series (one answer of about 11,000 rows)."""
        async for page in read_pages(self._client, "/series", {}, key="series"):
            yield await translate_series(page)

    def fetch_catalogue(self) -> AsyncIterator[CataloguePage]:
        """Yield every event and market that is not final, each once.

        Raises:
            ListingIncomplete, PayloadInvalid: after all that could be read, when one of
                the lists broke off.
        """
        return CatalogueListing(self._client, include_combos=self._include_combos).pages()

    async def fetch_changes(self, since: datetime, until: datetime) -> AsyncIterator[CataloguePage]:
        """Yield what may have changed in `since`..`until`.

        Kalshi lets no two families of time filters be combined, so: events and markets
        whose metadata changed, markets whose close lies in the window (in any status),
        and markets settled since.
        """
        after, before = str(math.floor(since.timestamp())), str(math.ceil(until.timestamp()))
        windows: list[Params] = [
            {"min_updated_ts": after},
            {"min_close_ts": after, "max_close_ts": before},
            {"status": "settled", "min_settled_ts": after},
        ]
        lists = [self._changed_events(after)]
        lists += [
            self._markets({**window, **self._no_combos}, with_combos=self._include_combos)
            for window in windows
        ]
        async for page in one_after_another(lists):
            yield page

    async def fetch_events(self, ext_ids: Sequence[str]) -> CataloguePage:
        """Fetch single events with their markets, combos too; unknown ones are left out."""
        combos = [ext_id for ext_id in ext_ids if is_combo_event({"event_ticker": ext_id})]
        others = [ext_id for ext_id in ext_ids if ext_id not in set(combos)]
        seen: set[str] = set()
        pages: list[CataloguePage] = []
        for path, tickers in (("/events", others), ("/events/multivariate", combos)):
            for chunk in ticker_lists(tickers):
                pages += await _read_all(self._named_events(path, chunk, seen), chunk)
        return join_pages(pages)

    async def fetch_markets(self, ext_ids: Sequence[str]) -> CataloguePage:
        """Fetch markets by ticker, combos too; those Kalshi does not list are left out."""
        pages: list[CataloguePage] = []
        for chunk in ticker_lists(ext_ids):
            pages += await _read_all(self._markets({"tickers": chunk}, with_combos=True), chunk)
        return join_pages(pages)

    async def is_gone(self, market_ext_id: str) -> bool:
        """Ask for one market; True only when Kalshi itself says 404 (not a proxy's page)."""
        try:
            await self._client.get(market_path(market_ext_id))
        except KalshiRefused as error:
            if error.status == 404 and error.is_kalshis_own:
                return True
            raise
        return False

    async def fetch_status(self) -> ExchangeStatus:
        """Ask whether the exchange is up; a 5xx with a status in it is an answer."""
        answer = await self._client.get("/exchange/status", also=_STATUS_BODIES)
        try:
            return to_exchange_status(answer.document)
        except ValueError as error:
            kind = PayloadInvalid if answer.status == 200 else SourceUnavailable
            raise kind(
                SOURCE, "GET /exchange/status answered no status", status=answer.status
            ) from error

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _changed_events(self, after: str) -> AsyncIterator[CataloguePage]:
        asked = {"min_updated_ts": after, **EVENTS_PER_PAGE}
        async for page in read_pages(self._client, "/events", asked, key="events"):
            yield await translate_events(page, seen=set(), with_combos=self._include_combos)

    async def _named_events(
        self, path: str, tickers: str, seen: set[str]
    ) -> AsyncIterator[CataloguePage]:
        asked = {"tickers": tickers, **NESTED}
        async for page in read_pages(self._client, path, asked, key="events"):
            yield await translate_events(page, seen=seen, with_combos=True)

    async def _markets(self, filters: Params, *, with_combos: bool) -> AsyncIterator[CataloguePage]:
        asked = {**filters, **MARKETS_PER_PAGE}
        async for page in read_pages(self._client, "/markets", asked, key="markets"):
            yield await translate_markets(page, with_combos=with_combos)


async def _read_all(pages: AsyncIterator[CataloguePage], asked: str) -> Sequence[CataloguePage]:
    """Read a list of known rows; a broken end does not matter once all of them came."""
    read: list[CataloguePage] = []
    try:
        async for page in pages:
            read.append(page)
    except ListingIncomplete:
        rows = join_pages(read)
        came = {event.ext_id for event in rows.events}
        came |= {market.ext_id for market in rows.markets}
        came |= {reject.ext_id for reject in rows.rejects if reject.ext_id}
        if not came.issuperset(asked.split(",")):
            raise
    return read
