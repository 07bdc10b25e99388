"""What was noticed in a market and said of it."""

from fastapi import APIRouter, Request, Response

from app.api.alert_views import to_activity
from app.api.answers import AnswerResponse, to_json
from app.api.catalogue_route import CatalogueRoute
from app.api.deps import DbSession, WebDep
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.params import PageParams
from app.api.query import QueryReader, query_parameters
from app.api.refs import Reference, to_market_id
from app.api.schemas.alerts import ActivityPage
from app.core.errors import NotFound
from app.repositories import activity
from app.repositories.pages import Slice

router = APIRouter(tags=["markets"], route_class=CatalogueRoute, responses=RESPONSES)
_query = QueryReader(PageParams)


@router.get(
    "/v1/markets/{market}/activity",
    operation_id="list_activity",
    response_model=ActivityPage,
    responses=NOT_FOUND,
    openapi_extra=query_parameters(PageParams),
)
async def list_activity(
    market: Reference, request: Request, web: WebDep, db: DbSession
) -> Response:
    """List what was noticed in a market and what was said of it, newest first."""
    params, market_id = _query.read(request), to_market_id(market)
    listing = ("activity", market_id)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)
    if not await activity.has_market(db, market_id):
        raise NotFound("There is no such market.")
    page = await activity.list_activity(db, market_id, part)
    answer = ActivityPage(
        market_id=market_id,
        activity=[to_activity(row) for row in page.rows],
        cursor=web.cursors.write(page.last, listing),
    )
    return AnswerResponse(web.pages.new(to_json(answer, web.spelling)))
