"""Alerts, their markets, and the evidence that only a confirmed one can have."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.domain.alerts import AlertReason, Tier
from app.domain.detections import DetectionKind
from app.models.db.base import (
    ALERT_REASON,
    DETECTION_KIND,
    TIER,
    Instant,
    PriceColumn,
    Str,
    UuidKey,
    within_0_1,
)
from app.models.db.detections import STRENGTH


class Alert(Base):
    """What we say of an episode at one moment."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        UniqueConstraint("id", "tier", name="alerts_tier_key"),
        ForeignKeyConstraint(
            ["id", "evidence_id"],
            ["alpha.alert_evidence.alert_id", "alpha.alert_evidence.signal_id"],
            name="alerts_evidence_id_fkey",
            use_alter=True,
            deferrable=True,
            initially="DEFERRED",
        ),
        CheckConstraint("(tier = 'confirmed') = (evidence_id IS NOT NULL)", name="evidence"),
        CheckConstraint("(reason = 'new') = (replaces_id IS NULL)", name="chain"),
        CheckConstraint(
            "worded_at IS NULL"
            " OR (template IS NOT NULL AND numbers IS NOT NULL"
            " AND title IS NOT NULL AND body IS NOT NULL)",
            name="worded",
        ),
        Index("alerts_to_word_idx", "decided_at", "id", postgresql_where=text("worded_at IS NULL")),
        Index(
            "alerts_to_notify_idx",
            "decided_at",
            "id",
            postgresql_where=text("worded_at IS NOT NULL AND notified_at IS NULL"),
        ),
        Index("alerts_episode_id_idx", "episode_id", "decided_at"),
        Index("alerts_decided_at_idx", text("decided_at DESC"), text("id DESC")),
    )

    id: Mapped[UuidKey]
    dedupe_key: Mapped[Str]
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.episodes.id"))
    event_id: Mapped[UUID]
    detection_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.detections.id"))
    root_alert_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.alerts.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("alpha.alerts.id"))
    reason: Mapped[AlertReason] = mapped_column(ALERT_REASON)
    tier: Mapped[Tier] = mapped_column(TIER)
    evidence_id: Mapped[UUID | None]  # the signal that comes first, of `alert_evidence`
    kind: Mapped[DetectionKind] = mapped_column(DETECTION_KIND)
    strength: Mapped[Decimal] = mapped_column(STRENGTH)
    started_at: Mapped[Instant]
    decided_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    is_shadow: Mapped[bool] = mapped_column(server_default=text("false"))
    template: Mapped[Str | None]
    numbers: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    title: Mapped[Str | None]
    body: Mapped[Str | None]
    worded_at: Mapped[Instant | None]
    notified_at: Mapped[Instant | None]
    retracted_at: Mapped[Instant | None]
    retracted_reason: Mapped[Str | None]


class AlertEvidence(Base):
    """A signal that explains an alert: its keys exclude other tiers and other signals."""

    __tablename__ = "alert_evidence"
    __table_args__ = (
        ForeignKeyConstraint(["alert_id", "tier"], ["alpha.alerts.id", "alpha.alerts.tier"]),
        ForeignKeyConstraint(
            ["signal_id", "explains"], ["alpha.signals.id", "alpha.signals.explains"]
        ),
        CheckConstraint("tier = 'confirmed'", name="tier"),
        CheckConstraint("explains", name="explains"),
    )

    alert_id: Mapped[UuidKey]
    signal_id: Mapped[UuidKey]
    tier: Mapped[Tier] = mapped_column(TIER, server_default=text("'confirmed'"))
    explains: Mapped[bool] = mapped_column(server_default=text("true"))


class AlertMarket(Base):
    """A market that an alert covers, with its prices before and when it was decided."""

    __tablename__ = "alert_markets"
    __table_args__ = (
        *within_0_1("price_before", "bid_before", "ask_before", "price_now", "bid", "ask"),
        Index("alert_markets_market_id_idx", "market_id", "alert_id"),
    )

    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.alerts.id"), primary_key=True)
    market_id: Mapped[UuidKey]
    is_subject: Mapped[bool]
    price_before: Mapped[PriceColumn | None]
    bid_before: Mapped[PriceColumn | None]
    ask_before: Mapped[PriceColumn | None]
    price_now: Mapped[PriceColumn | None]
    bid: Mapped[PriceColumn | None]
    ask: Mapped[PriceColumn | None]
    as_of: Mapped[Instant]
    is_wide: Mapped[bool]
    is_stale: Mapped[bool]
