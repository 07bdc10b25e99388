"""Notifications, the record of what a person was told, and their way to devices."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.domain.deliveries import DeliveryState
from app.models.db.base import (
    DELIVERY_STATE,
    QUANTITY,
    Instant,
    QuantityColumn,
    Str,
    UuidKey,
    not_negative,
)


class Notification(Base):
    """One alert for one person; its text is rendered from `template` and `numbers`."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("alert_id", "user_id", name="notifications_once_key"),
        CheckConstraint("priority >= 0 AND priority <= 3", name="priority"),
        CheckConstraint("abs(impact_usd) < 1e16", name="impact_usd"),
        CheckConstraint("abs(impact_mid_usd) < 1e16", name="impact_mid_usd"),
        *not_negative("value_before_usd"),
        Index("notifications_inbox_idx", "user_id", text("created_at DESC"), text("id DESC")),
        Index("notifications_episode_idx", "episode_id", "user_id"),
    )

    id: Mapped[UuidKey]
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.alerts.id"))
    root_alert_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.users.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID]
    priority: Mapped[int] = mapped_column(SmallInteger)
    template: Mapped[Str]
    numbers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    impact_usd: Mapped[Decimal | None] = mapped_column(QUANTITY)  # at executable prices
    impact_mid_usd: Mapped[Decimal | None] = mapped_column(QUANTITY)
    value_before_usd: Mapped[QuantityColumn | None]
    is_holder: Mapped[bool]
    collapse_id: Mapped[Str]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    suppressed_reason: Mapped[Str | None]
    received_at: Mapped[Instant | None]
    opened_at: Mapped[Instant | None]
    muted_at: Mapped[Instant | None]


class Delivery(Base):
    """One notification to one device, with the exact text sent."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notification_id", "device_id", name="deliveries_once_key"),
        CheckConstraint(
            "(state = 'sending') = (lease_token IS NOT NULL AND lease_until IS NOT NULL)",
            name="lease",
        ),
        CheckConstraint("priority >= 0 AND priority <= 3", name="priority"),
        Index(
            "deliveries_due_idx",
            "priority",
            "due_at",
            "id",
            postgresql_where=text("state IN ('pending', 'retry')"),
        ),
        Index("deliveries_sending_idx", "lease_until", postgresql_where=text("state = 'sending'")),
        Index(
            "deliveries_dead_idx",
            "created_at",
            postgresql_where=text("state IN ('dead', 'unknown')"),
        ),
        Index(
            "deliveries_user_idx",
            "user_id",
            "accepted_at",
            postgresql_where=text("state = 'accepted'"),
        ),
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: Mapped[UuidKey]
    notification_id: Mapped[UUID] = mapped_column(
        ForeignKey("alpha.notifications.id", ondelete="CASCADE")
    )
    device_id: Mapped[UUID]
    user_id: Mapped[UUID]
    alert_id: Mapped[UUID]
    priority: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[DeliveryState] = mapped_column(DELIVERY_STATE)
    reason: Mapped[Str | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    is_maybe_duplicate: Mapped[bool] = mapped_column(server_default=text("false"))
    collapse_id: Mapped[Str]
    created_at: Mapped[Instant]
    due_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    lease_until: Mapped[Instant | None]
    lease_token: Mapped[UUID | None]
    title: Mapped[Str | None]
    body: Mapped[Str | None]
    address: Mapped[Str | None]
    sent_at: Mapped[Instant | None]
    accepted_at: Mapped[Instant | None]
    gateway_message_id: Mapped[Str | None]


class DeliveryAttempt(Base):
    """One call of the gateway and what came of it."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (Index("delivery_attempts_delivery_id_idx", "delivery_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.deliveries.id", ondelete="CASCADE"))
    attempt: Mapped[int] = mapped_column(SmallInteger)
    outcome: Mapped[Str]
    status: Mapped[int | None] = mapped_column(Integer)
    detail: Mapped[Str | None]
    gateway_message_id: Mapped[Str | None]
    began_at: Mapped[Instant]
    ended_at: Mapped[Instant]
