"""Markets: list and detail."""

from fastapi import APIRouter, Request, Response

from app.api.answers import AnswerResponse, list_json, to_json
from app.api.catalogue_route import CatalogueRoute
from app.api.deps import ClockDep, DbSession, WebDep, web_of
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.params import REPEATABLE, MarketParams
from app.api.query import QueryReader, query_parameters
from app.api.refs import Reference, to_market_id
from app.api.schemas.details import MarketDetail
from app.api.schemas.markets import MarketPage
from app.api.views import to_market_detail
from app.core.errors import NotFound
from app.repositories import markets
from app.repositories.pages import Slice

router = APIRouter(tags=["markets"], route_class=CatalogueRoute, responses=RESPONSES)
_query = QueryReader(MarketParams, repeatable=REPEATABLE)


@router.get(
    "/v1/markets",
    operation_id="list_markets",
    response_model=MarketPage,
    openapi_extra=query_parameters(MarketParams),
)
async def list_markets(request: Request) -> Response:
    """List markets with outcomes and quotes: most traded first, of every status, without combos."""
    web, params = web_of(request), _query.read(request)
    wanted = params.to_filter()
    listing = ("markets", wanted, params.sort)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)

    async def build() -> bytes:
        page = await markets.list_markets(
            web.connections.pool,
            wanted,
            params.sort,
            part,
            now=web.clock.now(),
            spelling=web.spelling,
        )
        cursor = web.cursors.write(page.last, listing)
        return list_json("markets", page.items, cursor, feeds=page.feeds)

    return AnswerResponse(await web.pages.get((listing, part), build))


@router.get(
    "/v1/markets/{market}",
    operation_id="read_market",
    response_model=MarketDetail,
    responses=NOT_FOUND,
)
async def read_market(
    market: Reference, web: WebDep, clock: ClockDep, session: DbSession
) -> Response:
    """Read one market with its outcomes, quote, event, series and rules."""
    view = await markets.get_market(session, to_market_id(market))
    if view is None:
        raise NotFound("There is no such market.")
    detail = to_market_detail(view, now=clock.now())
    return AnswerResponse(web.pages.new(to_json(detail, web.spelling)))
