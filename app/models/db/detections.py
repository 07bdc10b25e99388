"""Signals, baselines, episodes and detections: what happened, before anybody says so."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.domain.detections import DetectionKind
from app.models.db.base import (
    DETECTION_KIND,
    Instant,
    Json,
    PriceColumn,
    Str,
    UuidKey,
    within_0_1,
)

STRENGTH = Numeric(12, 3)
OPEN = text("closed_at IS NULL")


class Signal(Base):
    """One fact as one source told it."""

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("source", "source_event_id", name="signals_once_key"),
        UniqueConstraint("id", "explains", name="signals_explaining_key"),
        Index("signals_observed_at_idx", "observed_at"),
    )

    id: Mapped[UuidKey]
    source: Mapped[Str]
    source_event_id: Mapped[Str]
    source_url: Mapped[Str | None]
    kind: Mapped[Str]
    explains: Mapped[bool]
    source_at: Mapped[Instant]
    observed_at: Mapped[Instant]
    subjects: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    fact: Mapped[Json]
    fact_version: Mapped[Str]


class MarketBaseline(Base):
    """What is usual in a market, as the market monitor last saved it."""

    __tablename__ = "market_baselines"

    market_id: Mapped[UuidKey]
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    through_at: Mapped[Instant]
    saved_at: Mapped[Instant]


class Episode(Base):
    """Everything about one subject that belongs together; one open episode per subject."""

    __tablename__ = "episodes"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('event', 'game')", name="subject_kind"),
        Index(
            "episodes_open_idx", "subject_kind", "subject_id", unique=True, postgresql_where=OPEN
        ),
        Index("episodes_quiet_idx", "last_detection_at", postgresql_where=OPEN),
    )

    id: Mapped[UuidKey]
    subject_kind: Mapped[Str]
    subject_id: Mapped[UUID]
    opened_at: Mapped[Instant]
    last_detection_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]


class Detection(Base):
    """One market changed materially, with the numbers that made it so."""

    __tablename__ = "detections"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        CheckConstraint("outcome IN ('alerted', 'joined', 'suppressed')", name="outcome"),
        CheckConstraint("direction IN (-1, 0, 1)", name="direction"),
        *within_0_1("price_before", "price_now"),
        Index(
            "detections_waiting_idx",
            "decided_at",
            "id",
            postgresql_where=text("outcome IS NULL"),
        ),
        Index("detections_market_id_idx", "market_id", text("decided_at DESC"), text("id DESC")),
        Index("detections_episode_id_idx", "episode_id", "decided_at"),
    )

    id: Mapped[UuidKey]
    dedupe_key: Mapped[Str]
    kind: Mapped[DetectionKind] = mapped_column(DETECTION_KIND)
    market_id: Mapped[UUID]
    event_id: Mapped[UUID]
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.episodes.id"))
    rule: Mapped[Str]
    rule_version: Mapped[int] = mapped_column(Integer)
    policy: Mapped[Str]
    started_at: Mapped[Instant]
    observed_at: Mapped[Instant]
    decided_at: Mapped[Instant]
    direction: Mapped[int] = mapped_column(SmallInteger)
    strength: Mapped[Decimal] = mapped_column(STRENGTH)
    price_before: Mapped[PriceColumn | None]
    price_now: Mapped[PriceColumn | None]
    numbers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    markets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    outcome: Mapped[Str | None]
    outcome_reason: Mapped[Str | None]
    alert_id: Mapped[UUID | None]
    attributed_at: Mapped[Instant | None]
