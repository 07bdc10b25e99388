"""Events: list and detail."""

from fastapi import APIRouter, Request, Response

from app.api.answers import AnswerResponse, join_json, list_json, to_json
from app.api.catalogue_route import CatalogueRoute
from app.api.deps import ClockDep, DbSession, WebDep, web_of
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.pagination import MAX_LIMIT
from app.api.params import REPEATABLE, EventParams
from app.api.query import QueryReader, query_parameters
from app.api.refs import Reference, to_event_id
from app.api.schemas.details import EventDetail
from app.api.schemas.events import EventPage
from app.api.views import to_event_head
from app.core.errors import NotFound
from app.repositories import events, markets
from app.repositories.market_filters import MarketFilter
from app.repositories.market_order import MarketSort
from app.repositories.pages import Slice

router = APIRouter(tags=["events"], route_class=CatalogueRoute, responses=RESPONSES)
_query = QueryReader(EventParams, repeatable=REPEATABLE)


@router.get(
    "/v1/events",
    operation_id="list_events",
    response_model=EventPage,
    openapi_extra=query_parameters(EventParams),
)
async def list_events(request: Request) -> Response:
    """List events that have a matching market; each stands where its first one does."""
    web, params = web_of(request), _query.read(request)
    wanted = params.to_filter()
    listing = ("events", wanted, params.sort)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)

    async def build() -> bytes:
        page = await events.list_events(
            web.connections.pool,
            wanted,
            params.sort,
            part,
            spelling=web.spelling,
        )
        return list_json("events", page.items, web.cursors.write(page.last, listing))

    return AnswerResponse(await web.pages.get((listing, part), build))


@router.get(
    "/v1/events/{event}",
    operation_id="read_event",
    response_model=EventDetail,
    responses=NOT_FOUND,
)
async def read_event(
    event: Reference, web: WebDep, clock: ClockDep, session: DbSession
) -> Response:
    """Read one event with its series and its markets, soonest to close first."""
    found = await events.get_event(session, to_event_id(event))
    if found is None:
        raise NotFound("There is no such event.")
    wanted = MarketFilter(event_id=found.id)
    page = await markets.list_markets(
        web.connections.pool,
        wanted,
        MarketSort.CLOSE,
        Slice(None, MAX_LIMIT),
        now=clock.now(),
        spelling=web.spelling,
    )
    cursor = web.cursors.write(page.last, ("markets", wanted, MarketSort.CLOSE))
    head = to_json(to_event_head(found), web.spelling)
    body = list_json("markets", page.items, cursor, feeds=page.feeds)
    return AnswerResponse(web.pages.new(join_json(head, body)))
