"""Pages of raw rows as pages of ours; a bad row costs itself, an event never its markets."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from app.domain.catalogue import CataloguePage, Event, Market, Quote, Series
from app.models.kalshi import KalshiMarket
from app.services.kalshi.normalize import (
    Row,
    RowTranslator,
    is_combo_event,
    is_combo_market,
    to_event,
    to_market,
    to_quote,
    to_series,
)
from app.services.kalshi.paging import Page

_ROWS_BEFORE_PAUSE = 200  # about 20 ms of work, then other tasks may run


async def translate_series(page: Page) -> CataloguePage:
    """Translate rows of `/series`."""
    builder = _Builder(page.asked_at, with_combos=True)
    for row in page.rows:
        builder.add_series(row)
        await builder.pause_at_times()
    return builder.build()


async def translate_events(page: Page, *, seen: set[str], with_combos: bool) -> CataloguePage:
    """Translate rows of `/events` and their markets.

    Args:
        seen: tickers of events already taken, which are left out; grows.
        with_combos: keep events and markets that combine others.
    """
    builder = _Builder(page.asked_at, with_combos=with_combos)
    for row in page.rows:
        if (is_combo_event(row) and not with_combos) or not _is_new(row, seen):
            continue
        for market in builder.add_event(row):
            builder.add_market(market)
            await builder.pause_at_times()
        await builder.pause_at_times()
    return builder.build()


async def translate_markets(page: Page, *, with_combos: bool) -> CataloguePage:
    """Translate rows of `/markets`."""
    builder = _Builder(page.asked_at, with_combos=with_combos)
    for row in page.rows:
        builder.add_market(row)
        await builder.pause_at_times()
    return builder.build()


def _is_new(event: object, seen: set[str]) -> bool:
    """Say whether an event row comes for the first time; one without ticker always does."""
    ticker = event.get("event_ticker") if isinstance(event, dict) else None
    if not isinstance(ticker, str):
        return True
    is_new = ticker not in seen
    seen.add(ticker)
    return is_new


class _Builder:
    """Collects one page; rows go in raw, come out translated or as rejects."""

    def __init__(self, as_of: datetime, *, with_combos: bool) -> None:
        self._as_of = as_of
        self._with_combos = with_combos
        self._rows = RowTranslator()
        self._series: list[Series] = []
        self._events: list[Event] = []
        self._markets: list[Market] = []
        self._quotes: list[Quote] = []
        self._until_pause = _ROWS_BEFORE_PAUSE

    def build(self) -> CataloguePage:
        return CataloguePage(
            self._series, self._events, self._markets, self._quotes, self._rows.rejects
        )

    def add_series(self, row: object) -> None:
        series = self._rows.translate("series", row, to_series)
        if series is not None:
            self._series.append(series)

    def add_event(self, row: object) -> Sequence[object]:
        """Add the event itself, even when it is unreadable return its market rows."""
        nested: object = None
        if isinstance(row, dict):
            nested = row.get("markets")
            row = {key: field for key, field in row.items() if key != "markets"}
        event = self._rows.translate("event", row, to_event, id_key="event_ticker")
        if event is not None:
            self._events.append(event)
        if nested is None or isinstance(nested, list):
            return nested or ()
        return (nested,)  # not a list: becomes one reject

    def add_market(self, row: object) -> None:
        if not self._with_combos and is_combo_market(row):
            return
        found = self._rows.translate("market", row, self._to_market)
        if found is not None:
            self._markets.append(found[0])
            self._quotes.append(found[1])

    async def pause_at_times(self) -> None:
        self._until_pause -= 1
        if self._until_pause <= 0:
            self._until_pause = _ROWS_BEFORE_PAUSE
            await asyncio.sleep(0)

    def _to_market(self, row: Row) -> tuple[Market, Quote]:
        wire = KalshiMarket.model_validate(row)
        return to_market(wire, row), to_quote(wire, as_of=self._as_of)
