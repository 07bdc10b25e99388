"""A person's inbox, and what their app reports of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.db import Alert, Event, Notification
from app.repositories.alerts import public
from app.repositories.keyset import AnyRow, Listed, cut, newest_first
from app.repositories.pages import Rows, Slice

NotificationRow = AnyRow  # the columns of `told`


class Receipt(StrEnum):
    """What an app reports of a notification."""

    RECEIVED = "received"  # the push arrived
    OPENED = "opened"
    MUTED = "muted"  # no more pushes of this episode, please


def told(user_id: UUID) -> Rows:
    """Select a person's notifications; never stored text, which is rendered anew."""
    own = Notification
    return (
        select(
            *(own.id, own.alert_id, own.root_alert_id, own.episode_id, own.priority),
            *(own.template, own.numbers, own.impact_usd, own.impact_mid_usd),
            *(own.value_before_usd, own.is_holder, own.created_at, own.expires_at),
            *(own.suppressed_reason, own.received_at, own.opened_at, own.muted_at),
            *(Alert.event_id, Alert.kind, Alert.tier, Alert.reason, Alert.started_at),
            *(Alert.decided_at, Alert.retracted_at, Event.title.label("event_title")),
        )
        .join(Alert, Alert.id == own.alert_id)
        .outerjoin(Event, Event.id == Alert.event_id)
        .where(own.user_id == user_id, public())
    )


async def list_notifications(
    session: AsyncSession, user_id: UUID, part: Slice, *, is_unread: bool | None
) -> Listed[NotificationRow]:
    """List a page of a person's inbox, newest first.

    Args:
        is_unread: only those not opened yet (True), only the opened ones (False), or all.
    """
    query = told(user_id)
    if is_unread is not None:
        opened_at = Notification.opened_at
        query = query.where(opened_at.is_(None) if is_unread else opened_at.is_not(None))
    query = newest_first(query, Notification.created_at, Notification.id, part)
    rows = (await session.execute(query)).all()
    return cut(rows, part, lambda row: (row.created_at, row.id))


async def get_notification(
    session: AsyncSession, user_id: UUID, notification_id: UUID
) -> NotificationRow | None:
    """Get one notification of a person."""
    query = told(user_id).where(Notification.id == notification_id)
    return (await session.execute(query)).one_or_none()


async def record_receipt(
    session: AsyncSession, user_id: UUID, notification_id: UUID, kind: Receipt, *, now: datetime
) -> AnyRow | None:
    """Note what an app reports; the first time stays. None when the person has no such one.

    Returns:
        `received_at, opened_at, muted_at`.
    """
    column = {
        Receipt.RECEIVED: Notification.received_at,
        Receipt.OPENED: Notification.opened_at,
        Receipt.MUTED: Notification.muted_at,
    }[kind]
    query = (
        update(Notification)
        .where(Notification.id == notification_id, Notification.user_id == user_id)
        .where(Notification.alert_id == Alert.id, public())
        .values({column: func.coalesce(column, now)})
        .returning(Notification.received_at, Notification.opened_at, Notification.muted_at)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(query)).one_or_none()
