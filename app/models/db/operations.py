"""Leases, feed states, runs, rejects and the audit log."""

from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Integer, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.domain.types import Exchange
from app.models.db.base import EXCHANGE, BigInt, Instant, Json, Str

_IDENTITY = Identity(always=True)


class Lease(Base):
    """Who may do a singular job; `fence` grows with every take-over."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[Str]
    fence: Mapped[BigInt]
    expires_at: Mapped[Instant]


class FeedState(Base):
    """How true what we show of a feed is; `as_of`: when all of it was last known to be."""

    __tablename__ = "feed_states"

    feed: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[Str]
    since: Mapped[Instant]
    as_of: Mapped[Instant | None]
    detail: Mapped[Json]


class LifecycleEvent(Base):
    """An announced change of a market or event, stored once however often it arrives."""

    __tablename__ = "lifecycle_events"
    __table_args__ = (
        UniqueConstraint(
            "exchange",
            "ext_id",
            "event_type",
            "exchange_ts",
            "payload_hash",
            name="lifecycle_events_once_key",
        ),
        Index(
            "lifecycle_events_waiting_idx",
            "exchange",
            "ext_id",
            "id",
            postgresql_where=text("applied_at IS NULL"),
        ),
        Index("lifecycle_events_received_at_idx", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, _IDENTITY, primary_key=True)
    exchange: Mapped[Exchange] = mapped_column(EXCHANGE)
    subject: Mapped[Str] = mapped_column(server_default=text("'market'"))
    ext_id: Mapped[Str]
    event_type: Mapped[Str]
    exchange_ts: Mapped[Instant]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    payload_hash: Mapped[BigInt]
    received_at: Mapped[Instant]
    applied_at: Mapped[Instant | None]
    said: Mapped[Json]  # what it changes, in our words


class CronRun(Base):
    """One run of a schedule or a requested job; unfinished ones are started again."""

    __tablename__ = "cron_runs"
    __table_args__ = (
        Index("cron_runs_latest_idx", "name", "started_at"),
        Index(
            "cron_runs_finished_idx",
            "name",
            "finished_at",
            postgresql_where=text("outcome = 'done'"),
        ),
    )

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    scheduled_for: Mapped[Instant] = mapped_column(primary_key=True)
    holder: Mapped[Str | None]
    fence: Mapped[BigInt | None]
    started_at: Mapped[Instant | None]
    heartbeat_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
    outcome: Mapped[Str | None]
    counts: Mapped[Json]
    error: Mapped[Str | None]


class IngestReject(Base):
    """A row a vendor sent that we could not keep, and why; repeats are counted."""

    __tablename__ = "ingest_rejects"
    __table_args__ = (
        UniqueConstraint("source", "kind", "row_hash"),
        Index("ingest_rejects_last_seen_at_idx", "last_seen_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, _IDENTITY, primary_key=True)
    source: Mapped[Str]
    kind: Mapped[Str]
    ext_id: Mapped[Str | None]
    reason: Mapped[Str]
    raw: Mapped[Str]
    row_hash: Mapped[BigInt]
    times: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    first_seen_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]


class AuditEntry(Base):
    """Something an operator or a person did that must be answerable later."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, _IDENTITY, primary_key=True)
    at: Mapped[Instant] = mapped_column(server_default=func.now())
    actor: Mapped[Str]
    action: Mapped[Str]
    subject: Mapped[Str | None]
    detail: Mapped[Json]
