"""What a person watches: markets, events, series."""

from fastapi import APIRouter, Request, Response

from app.api.auth import CurrentUser
from app.api.deps import ClockDep, DbSession, WebDep
from app.api.params import PageParams
from app.api.person_views import to_follow, to_listed_follow
from app.api.personal import PERSONAL, PERSONAL_ONE, done, personal
from app.api.query import QueryReader, query_parameters
from app.api.refs import Reference, to_event_id, to_market_id, to_series_id
from app.api.schemas.follows import FollowIn, FollowOut, FollowPage
from app.core.errors import InvalidRequest, NotFound
from app.domain.people import FollowKind
from app.repositories import follows, people
from app.repositories.pages import Slice

MAX_FOLLOWS = 1_000  # of one person

router = APIRouter(tags=["users"], responses=PERSONAL)
_page = QueryReader(PageParams)
_READ = {
    FollowKind.MARKET: to_market_id,
    FollowKind.EVENT: to_event_id,
    FollowKind.SERIES: to_series_id,
}


@router.get(
    "/v1/users/me/follows",
    operation_id="list_follows",
    response_model=FollowPage,
    openapi_extra=query_parameters(PageParams),
)
async def list_follows(
    request: Request, user_id: CurrentUser, web: WebDep, db: DbSession
) -> Response:
    """List what you follow, latest first."""
    params = _page.read(request)
    listing = ("follows", user_id)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)
    page = await follows.list_follows(db, user_id, part)
    return personal(
        web,
        FollowPage(
            follows=[to_listed_follow(row) for row in page.rows],
            cursor=web.cursors.write(page.last, listing),
        ),
    )


@router.put(
    "/v1/users/me/follows/{kind}/{ref}",
    operation_id="put_follow",
    response_model=FollowOut,
    responses=PERSONAL_ONE,
)
async def put_follow(
    kind: FollowKind,
    ref: Reference,
    user_id: CurrentUser,
    web: WebDep,
    clock: ClockDep,
    db: DbSession,
    body: FollowIn | None = None,
) -> Response:
    """Follow a market, or all markets of an event or a series; safe to repeat."""
    target_id = _READ[kind](ref)
    if not await follows.is_there(db, kind, target_id):
        raise NotFound(f"There is no such {kind}.")
    await people.see_user(db, user_id, now=clock.now())
    is_push = body.push if body else None
    follow = await follows.put_follow(
        db, user_id, kind, target_id, is_push=is_push, now=clock.now()
    )
    if await follows.count_follows(db, user_id) > MAX_FOLLOWS:
        detail = f"You follow {MAX_FOLLOWS} things already: drop one first."
        raise InvalidRequest(detail, code="too_many_follows")
    return personal(web, to_follow(follow))


@router.delete("/v1/users/me/follows/{kind}/{ref}", operation_id="delete_follow", status_code=204)
async def delete_follow(
    kind: FollowKind, ref: Reference, user_id: CurrentUser, db: DbSession
) -> Response:
    """Stop following; safe to repeat."""
    await follows.delete_follow(db, user_id, kind, _READ[kind](ref))
    return done()
