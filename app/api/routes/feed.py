"""The feed: what moved, why, and what you hold, in one call."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.alert_views import to_alert
from app.api.answers import join_json, respond, to_json
from app.api.auth import UserIfAny
from app.api.deps import WebDep
from app.api.person_views import to_position
from app.api.personal import PERSONAL, personal_bytes
from app.api.schemas.feed import FeedAlerts, FeedHoldings, FeedPageOut
from app.api.state import Web
from app.domain.types import MarketStatus
from app.repositories import alerts, markets, positions
from app.repositories.market_filters import MarketFilter
from app.repositories.market_order import MarketSort
from app.repositories.pages import Slice

SINCE = timedelta(days=1)
MAX_ALERTS = 20
MAX_MOVERS = 10
MAX_POSITIONS = 50
_VARY = (b"vary", b"authorization")  # who is signed in must not be given what others see

router = APIRouter(tags=["feed"], responses=PERSONAL)


@router.get(
    "/v1/feed",
    operation_id="read_feed",
    response_model=FeedPageOut,
    openapi_extra={"security": [{}]},  # besides the token: without any, too
)
async def read_feed(request: Request, web: WebDep, user_id: UserIfAny) -> Response:
    """Read what moved in the last day, why, and, with a token, what you hold."""
    await web.readiness.require()

    news = await web.pages.get(("feed",), lambda: _news(web))
    body = join_json(news.body, await _holdings(web, user_id))
    if user_id is not None:
        return personal_bytes(body)
    response = respond(web.pages.new(body), request.scope["headers"])
    response.raw_headers = [*response.raw_headers, _VARY]
    return response


async def _news(web: Web) -> bytes:
    """Build what everybody sees, in four statements at most."""
    now = web.clock.now()
    async with web.connections.sessions.begin() as db:
        recent = await alerts.list_recent_alerts(db, since=now - SINCE, limit=MAX_ALERTS)
        parts = await alerts.get_parts(db, [alert.id for alert in recent], now=now)
    movers = await markets.list_markets(
        web.connections.pool,
        MarketFilter(statuses=(MarketStatus.OPEN,)),
        MarketSort.MOVEMENT,
        Slice(None, MAX_MOVERS),
        now=now,
        spelling=web.spelling,
    )
    said = FeedAlerts(alerts=[to_alert(alert, parts) for alert in recent])
    moved = f'{{"movers":{movers.items},"feeds":{movers.feeds}}}'
    return join_json(to_json(said, web.spelling), moved.encode())


async def _holdings(web: Web, user_id: UUID | None) -> bytes:
    if user_id is None:
        return to_json(FeedHoldings(positions=None), web.spelling)
    async with web.connections.sessions.begin() as db:
        held = await positions.list_newest_positions(
            db, user_id, MAX_POSITIONS, now=web.clock.now()
        )
    shown = [to_position(row) for row in held]
    return to_json(FeedHoldings(positions=shown), web.spelling)
