"""The person who asks: who they are, and what they hold."""

from fastapi import APIRouter, Request, Response

from app.api.auth import CurrentUser
from app.api.deps import ClockDep, DbSession, WebDep
from app.api.params import PageParams
from app.api.person_views import to_position
from app.api.personal import PERSONAL, personal
from app.api.query import QueryReader, query_parameters
from app.api.schemas.people import UserIn, UserOut
from app.api.schemas.positions import PositionPage
from app.repositories import people, positions
from app.repositories.pages import Slice

router = APIRouter(tags=["users"], responses=PERSONAL)
_page = QueryReader(PageParams)


@router.get("/v1/users/me", operation_id="read_me", response_model=UserOut)
async def read_me(user_id: CurrentUser, web: WebDep, clock: ClockDep, db: DbSession) -> Response:
    """Read who you are; the first time, you are written down."""
    user = await people.see_user(db, user_id, now=clock.now())
    return personal(web, UserOut.model_validate(user))


@router.patch("/v1/users/me", operation_id="update_me", response_model=UserOut)
async def update_me(
    body: UserIn, user_id: CurrentUser, web: WebDep, clock: ClockDep, db: DbSession
) -> Response:
    """Change your name or your time zone."""
    user = await people.see_user(db, user_id, now=clock.now())
    changes = body.changes()
    if changes:
        user = await people.update_user(db, user_id, changes)
    return personal(web, UserOut.model_validate(user))


@router.get(
    "/v1/users/me/positions",
    operation_id="list_positions",
    response_model=PositionPage,
    openapi_extra=query_parameters(PageParams),
)
async def list_positions(
    request: Request, user_id: CurrentUser, web: WebDep, clock: ClockDep, db: DbSession
) -> Response:
    """List what you hold and what it is worth now, latest opened first."""
    params = _page.read(request)
    listing = ("positions", user_id)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)
    page = await positions.list_positions(db, user_id, part, now=clock.now())
    return personal(
        web,
        PositionPage(
            positions=[to_position(row) for row in page.rows],
            cursor=web.cursors.write(page.last, listing),
        ),
    )
