"""Series, events, markets and their outcomes."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base
from app.domain.types import MarketStatus, MarketType
from app.models.db.base import (
    MARKET_STATUS,
    MARKET_TYPE,
    PRICE,
    CatalogueRow,
    Instant,
    Str,
    UuidKey,
)

LIVE = text("NOT is_deleted")
CLOSES = text("coalesce(close_at, 'infinity'::timestamptz)")


class Series(CatalogueRow, Base):
    """A recurring family of events, such as one league's game winners."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("exchange", "ext_id"),
        Index("series_category_idx", "category", "ext_id", postgresql_where=LIVE),
    )

    title: Mapped[Str]
    category: Mapped[Str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    frequency: Mapped[Str | None]
    fee_type: Mapped[Str | None]
    fee_multiplier: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    is_stub: Mapped[bool] = mapped_column(server_default=text("false"))


class Event(CatalogueRow, Base):
    """One thing that gets decided."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("exchange", "ext_id"),
        Index("events_series_id_idx", "series_id", "id", postgresql_where=LIVE),
        Index("events_category_idx", "category", "id", postgresql_where=LIVE),
    )

    series_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.series.id"))
    title: Mapped[Str]
    subtitle: Mapped[Str | None]
    category: Mapped[Str | None]
    is_mutually_exclusive: Mapped[bool] = mapped_column(server_default=text("false"))
    strike_at: Mapped[Instant | None]
    is_stub: Mapped[bool] = mapped_column(server_default=text("false"))

    series: Mapped[Series] = relationship()


class Market(CatalogueRow, Base):
    """One contract; prices live in `market_quotes`."""

    __tablename__ = "markets"
    __table_args__ = (
        UniqueConstraint("exchange", "ext_id"),
        CheckConstraint("settlement_value BETWEEN 0 AND 1", name="settlement_value"),
        Index("markets_event_id_idx", "event_id", "id", postgresql_where=LIVE),
        Index("markets_closes_idx", CLOSES, "id", postgresql_where=LIVE),
        Index("markets_listed_at_idx", "listed_at", "id", postgresql_where=LIVE),
        Index("markets_status_closes_idx", "status", CLOSES, "id", postgresql_where=LIVE),
    )

    event_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.events.id"))
    market_type: Mapped[MarketType] = mapped_column(MARKET_TYPE)
    title: Mapped[Str]
    status: Mapped[MarketStatus] = mapped_column(MARKET_STATUS)
    rules_primary: Mapped[Str | None]
    rules_secondary: Mapped[Str | None]
    open_at: Mapped[Instant | None]
    close_at: Mapped[Instant | None]
    expected_expiration_at: Mapped[Instant | None]
    latest_expiration_at: Mapped[Instant | None]
    listed_at: Mapped[Instant] = mapped_column(server_default=func.now())
    settled_at: Mapped[Instant | None]
    result: Mapped[Str | None]
    settlement_value: Mapped[Decimal | None] = mapped_column(PRICE)
    can_close_early: Mapped[bool] = mapped_column(server_default=text("false"))
    strike_type: Mapped[Str | None]
    floor_strike: Mapped[Decimal | None] = mapped_column(Numeric)
    cap_strike: Mapped[Decimal | None] = mapped_column(Numeric)
    price_ranges: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default=text("'[]'::jsonb")
    )
    is_combo: Mapped[bool] = mapped_column(server_default=text("false"))
    is_provisional: Mapped[bool] = mapped_column(server_default=text("false"))
    lifecycle_ts: Mapped[Instant | None]  # news from before then is in the row (`store.lifecycle`)

    event: Mapped[Event] = relationship()
    outcomes: Mapped[list["MarketOutcome"]] = relationship(
        order_by="MarketOutcome.position", back_populates="market"
    )


class MarketOutcome(Base):
    """One tradeable side of a market, in the exchange's order."""

    __tablename__ = "market_outcomes"
    __table_args__ = (UniqueConstraint("market_id", "execution_asset_id"),)

    id: Mapped[UuidKey]
    market_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.markets.id"))
    execution_asset_id: Mapped[Str]
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[Str]
    is_winner: Mapped[bool | None]
    is_deleted: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Instant] = mapped_column(server_default=func.now())
    updated_at: Mapped[Instant] = mapped_column(server_default=func.now(), onupdate=func.now())

    market: Mapped[Market] = relationship(back_populates="outcomes")
