"""Alerts as everybody may see them."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.alert_views import to_alert_detail
from app.api.answers import AnswerResponse, to_json
from app.api.catalogue_route import CachedRoute
from app.api.deps import ClockDep, DbSession, WebDep
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.schemas.alerts import AlertDetail
from app.core.errors import NotFound
from app.repositories import alerts

router = APIRouter(tags=["alerts"], route_class=CachedRoute, responses=RESPONSES)


@router.get(
    "/v1/alerts/{alert_id}",
    operation_id="read_alert",
    response_model=AlertDetail,
    responses=NOT_FOUND,
)
async def read_alert(alert_id: UUID, web: WebDep, clock: ClockDep, db: DbSession) -> Response:
    """Read what was said of a move, what it rests on, and what was said before and after."""
    alert = await alerts.get_alert(db, alert_id)
    if alert is None:
        raise NotFound("There is no such alert.")
    parts = await alerts.get_parts(db, [alert_id], now=clock.now())
    detail = to_alert_detail(alert, parts, await alerts.list_chain(db, alert))
    return AnswerResponse(web.pages.new(to_json(detail, web.spelling)))
