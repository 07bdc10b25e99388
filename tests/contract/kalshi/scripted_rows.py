"""Rows, pages and answers for the scripted exchange, and what came of them."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from app.core.errors import SourceError
from app.domain.catalogue import CataloguePage
from tests.contract.kalshi.scripted_exchange import Handler, send


def market(ticker: str, **fields: Any) -> dict[str, Any]:
    return {
        "ticker": ticker,
        "event_ticker": ticker.rpartition("-")[0],
        "status": "active",
    } | fields


def event(ticker: str, *markets: dict[str, Any], **fields: Any) -> dict[str, Any]:
    known = {"event_ticker": ticker, "series_ticker": ticker.partition("-")[0], "title": ticker}
    return known | {"markets": list(markets)} | fields


def events(*rows: Any, cursor: str = "") -> Handler:
    return send({"events": list(rows), "cursor": cursor})


def markets(*rows: Any, cursor: str = "") -> Handler:
    return send({"markets": list(rows), "cursor": cursor})


def by_query(**answers: Handler) -> Handler:
    """Choose the answer by `status` or `tickers` of the query; else an empty list."""

    async def handler(request: web.Request) -> web.StreamResponse:
        key = request.query.get("status") or request.query.get("tickers", "")
        empty = send({"events": [], "markets": [], "cursor": ""})
        return await answers.get(key.replace("-", "_"), empty)(request)

    return handler


async def collect(pages: AsyncIterator[CataloguePage]) -> tuple[CataloguePage, SourceError | None]:
    """Join all pages that came; the error is what ended them early."""
    found = CataloguePage([], [], [], [], [])
    try:
        async for page in pages:
            found = CataloguePage(
                [*found.series, *page.series], [*found.events, *page.events],
                [*found.markets, *page.markets], [*found.quotes, *page.quotes],
                [*found.rejects, *page.rejects],
            )  # fmt: skip
    except SourceError as error:
        return found, error
    return found, None


def ids(rows: Any) -> list[str]:
    return [row.ext_id for row in rows]
