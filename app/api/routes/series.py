"""Series: list and detail."""

from fastapi import APIRouter, Request, Response

from app.api.answers import AnswerResponse, list_json, to_json
from app.api.catalogue_route import CatalogueRoute
from app.api.deps import DbSession, WebDep, web_of
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.params import SeriesParams
from app.api.query import QueryReader, query_parameters
from app.api.refs import Reference, to_series_id
from app.api.schemas.series import SeriesOut, SeriesPage
from app.api.views import to_series
from app.core.errors import NotFound
from app.repositories import series as repository
from app.repositories.pages import Slice

router = APIRouter(tags=["series"], route_class=CatalogueRoute, responses=RESPONSES)
_query = QueryReader(SeriesParams)


@router.get(
    "/v1/series",
    operation_id="list_series",
    response_model=SeriesPage,
    openapi_extra=query_parameters(SeriesParams),
)
async def list_series(request: Request) -> Response:
    """List series in the order of the exchanges' ids."""
    web, params = web_of(request), _query.read(request)
    wanted = params.to_filter()
    listing = ("series", wanted)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)

    async def build() -> bytes:
        page = await repository.list_series(
            web.connections.pool, wanted, part, spelling=web.spelling
        )
        return list_json("series", page.items, web.cursors.write(page.last, listing))

    return AnswerResponse(await web.pages.get((listing, part), build))


@router.get(
    "/v1/series/{series}",
    operation_id="read_series",
    response_model=SeriesOut,
    responses=NOT_FOUND,
)
async def read_series(series: Reference, web: WebDep, session: DbSession) -> Response:
    """Read one series."""
    found = await repository.get_series(session, to_series_id(series))
    if found is None:
        raise NotFound("There is no such series.")
    return AnswerResponse(web.pages.new(to_json(to_series(found), web.spelling)))
