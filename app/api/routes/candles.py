"""Candles of a market."""

from fastapi import APIRouter, Request, Response

from app.api.answers import AnswerResponse, join_json, list_json, texts_json
from app.api.catalogue_route import CatalogueRoute
from app.api.deps import web_of
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.market_params import CandleParams
from app.api.query import QueryReader, query_parameters
from app.api.refs import Reference, to_market_id
from app.api.schemas.candles import CandlePage
from app.core.errors import NotFound
from app.repositories import candles
from app.repositories.pages import Slice

router = APIRouter(tags=["markets"], route_class=CatalogueRoute, responses=RESPONSES)
_query = QueryReader(CandleParams)


@router.get(
    "/v1/markets/{market}/candles",
    operation_id="list_candles",
    response_model=CandlePage,
    responses=NOT_FOUND,
    openapi_extra=query_parameters(CandleParams),
)
async def list_candles(market: Reference, request: Request) -> Response:
    """List the newest candles of a market, newest last; a gap stays a gap.

    Prices stand without American odds here: a chart has an axis of its own.
    """
    web, params = web_of(request), _query.read(request)
    market_id, window = to_market_id(market), params.to_window()
    listing = ("candles", market_id, window)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)

    async def build() -> bytes:
        found = await candles.list_candles(
            web.connections.pool,
            market_id,
            window,
            part,
            now=web.clock.now(),
            spelling=web.spelling,
        )
        if found is None:
            raise NotFound("There is no such market.")
        asked = {"market_id": str(market_id), "interval": window.interval.value}
        cursor = web.cursors.write(found.page.last, listing)
        page = list_json("candles", found.page.items, cursor)
        return join_json(texts_json(asked, web.spelling), found.head.encode(), page)

    return AnswerResponse(await web.pages.get((listing, part), build))
