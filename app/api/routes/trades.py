"""Public trades of a market."""

from fastapi import APIRouter, Request, Response

from app.api.answers import AnswerResponse, join_json, list_json, texts_json
from app.api.catalogue_route import CatalogueRoute
from app.api.deps import web_of
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.market_params import TradeParams
from app.api.query import QueryReader, query_parameters
from app.api.refs import Reference, to_market_id
from app.api.schemas.base import decimal_text
from app.api.schemas.trades import TradePage
from app.core.errors import NotFound
from app.repositories import trades
from app.repositories.pages import Slice

router = APIRouter(tags=["markets"], route_class=CatalogueRoute, responses=RESPONSES)
_query = QueryReader(TradeParams)


@router.get(
    "/v1/markets/{market}/trades",
    operation_id="list_trades",
    response_model=TradePage,
    responses=NOT_FOUND,
    openapi_extra=query_parameters(TradeParams),
)
async def list_trades(market: Reference, request: Request) -> Response:
    """List the trades of a market that were large enough to keep, newest first."""
    web, params = web_of(request), _query.read(request)
    market_id = to_market_id(market)
    listing = ("trades", market_id, params.min_usd)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)

    async def build() -> bytes:
        found = await trades.list_trades(
            web.connections.pool,
            market_id,
            params.min_usd,
            part,
            now=web.clock.now(),
            spelling=web.spelling,
        )
        if found is None:
            raise NotFound("There is no such market.")
        floor = decimal_text(web.settings.app.public_trade_floor_usd)
        head = texts_json({"market_id": str(market_id), "floor_usd": floor}, web.spelling)
        page = list_json("trades", found.page.items, web.cursors.write(found.page.last, listing))
        return join_json(head, found.head.encode(), page)

    return AnswerResponse(await web.pages.get((listing, part), build))
