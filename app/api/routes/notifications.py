"""A person's inbox, what their app reports of it, and why they were told."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.auth import CurrentUser
from app.api.deps import ClockDep, DbSession, WebDep
from app.api.person_params import InboxParams
from app.api.person_views import to_notification
from app.api.personal import PERSONAL, PERSONAL_ONE, personal
from app.api.query import QueryReader, query_parameters
from app.api.schemas.notifications import NotificationPage, ReceiptIn, ReceiptsOut
from app.api.schemas.why import WhyOut
from app.api.why_views import Grounds, to_why
from app.core.errors import NotFound
from app.repositories import alerts, notifications, why
from app.repositories.pages import Slice

router = APIRouter(tags=["notifications"], responses=PERSONAL)
_inbox = QueryReader(InboxParams)


@router.get(
    "/v1/notifications",
    operation_id="list_notifications",
    response_model=NotificationPage,
    openapi_extra=query_parameters(InboxParams),
)
async def list_notifications(
    request: Request, user_id: CurrentUser, web: WebDep, db: DbSession
) -> Response:
    """List what you were told, newest first."""
    params = _inbox.read(request)
    listing = ("notifications", user_id, params.unread)
    part = Slice(web.cursors.read(params.cursor, listing), params.limit)
    page = await notifications.list_notifications(db, user_id, part, is_unread=params.unread)
    return personal(
        web,
        NotificationPage(
            notifications=[to_notification(row) for row in page.rows],
            cursor=web.cursors.write(page.last, listing),
        ),
    )


@router.post(
    "/v1/notifications/{notification_id}/receipts",
    operation_id="report_receipt",
    response_model=ReceiptsOut,
    responses=PERSONAL_ONE,
)
async def report_receipt(
    notification_id: UUID,
    body: ReceiptIn,
    user_id: CurrentUser,
    web: WebDep,
    clock: ClockDep,
    db: DbSession,
) -> Response:
    """Report that a notification arrived, was opened or muted; the first time counts."""
    receipts = await notifications.record_receipt(
        db, user_id, notification_id, body.kind, now=clock.now()
    )
    if receipts is None:
        raise _unknown()
    return personal(web, ReceiptsOut.model_validate(receipts))


@router.get(
    "/v1/notifications/{notification_id}/why",
    operation_id="read_why",
    response_model=WhyOut,
    responses=PERSONAL_ONE,
)
async def read_why(
    notification_id: UUID, user_id: CurrentUser, web: WebDep, clock: ClockDep, db: DbSession
) -> Response:
    """Read why you were told: what happened, what it rests on, what it had to do with you."""
    told = await notifications.get_notification(db, user_id, notification_id)
    alert = await alerts.get_alert(db, told.alert_id) if told else None
    if told is None or alert is None:
        raise _unknown()
    grounds = Grounds(
        told=told,
        alert=alert,
        parts=await alerts.get_parts(db, [alert.id], now=clock.now()),
        detections=await why.list_detections(db, alert.id, alert.detection_id, alert.episode_id),
        follows=await why.list_matching_follows(db, user_id, alert.id),
        deliveries=await why.list_deliveries(db, user_id, notification_id),
    )
    return personal(web, to_why(grounds))


def _unknown() -> NotFound:
    return NotFound("You have no such notification.")
