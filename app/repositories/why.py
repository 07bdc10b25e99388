"""Everything a notification rests on, from rows alone: no text that was stored is read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.people import FollowKind
from app.models.db import AlertMarket, Delivery, Detection, Device, Event, Follow, Market
from app.repositories.keyset import AnyRow
from app.repositories.pages import Rows

DeliveryRow = AnyRow


async def list_detections(
    session: AsyncSession, alert_id: UUID, first_id: UUID, episode_id: UUID
) -> Sequence[Detection]:
    """List what made an alert: the detection it began with, and those that joined it."""
    query = select(Detection).where(
        Detection.episode_id == episode_id,
        or_(Detection.id == first_id, Detection.alert_id == alert_id),
    )
    return (await session.scalars(query.order_by(Detection.decided_at, Detection.id))).all()


async def list_deliveries(
    session: AsyncSession, user_id: UUID, notification_id: UUID
) -> Sequence[DeliveryRow]:
    """List how a person's notification went to their devices; those deleted since have no kind."""
    own = Delivery
    query: Rows = (
        select(
            *(own.id, own.device_id, own.state, own.reason, own.attempts),
            *(own.is_maybe_duplicate, own.created_at, own.due_at, own.expires_at),
            *(own.sent_at, own.accepted_at, Device.kind.label("device_kind")),
        )
        .outerjoin(Device, and_(Device.id == own.device_id, Device.user_id == own.user_id))
        .where(own.notification_id == notification_id, own.user_id == user_id)
    )
    return (await session.execute(query.order_by(own.created_at, own.id))).all()


async def list_matching_follows(
    session: AsyncSession, user_id: UUID, alert_id: UUID
) -> Sequence[Follow]:
    """List what a person follows now of what an alert is about: markets, event or series."""
    covered = (
        select(AlertMarket.market_id, Market.event_id, Event.series_id)
        .join(Market, Market.id == AlertMarket.market_id)
        .join(Event, Event.id == Market.event_id)
        .where(AlertMarket.alert_id == alert_id)
        .cte("covered")
    )
    targets = {
        FollowKind.MARKET: covered.c.market_id,
        FollowKind.EVENT: covered.c.event_id,
        FollowKind.SERIES: covered.c.series_id,
    }
    matches = [
        and_(Follow.kind == kind, Follow.target_id.in_(select(target)))
        for kind, target in targets.items()
    ]
    query = select(Follow).where(Follow.user_id == user_id, or_(*matches))
    return (await session.scalars(query.order_by(Follow.kind, Follow.id))).all()
