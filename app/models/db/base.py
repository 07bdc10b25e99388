"""Column types and mixins that the ORM models share."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Enum,
    Numeric,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import SCHEMA
from app.domain.alerts import AlertReason, Tier
from app.domain.deliveries import DeliveryState
from app.domain.detections import DetectionKind
from app.domain.people import FollowKind, Side
from app.domain.push import DeviceKind
from app.domain.types import Exchange, MarketStatus, MarketType

PRICE = Numeric(10, 6)
QUANTITY = Numeric(24, 8)

UuidKey = Annotated[UUID, mapped_column(PG_UUID(as_uuid=True), primary_key=True)]
Str = Annotated[str, mapped_column(Text)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
PriceColumn = Annotated[Decimal, mapped_column(PRICE)]
QuantityColumn = Annotated[Decimal, mapped_column(QUANTITY)]
Json = Annotated[dict[str, Any], mapped_column(JSONB, server_default=text("'{}'::jsonb"))]
BigInt = Annotated[int, mapped_column(BigInteger)]


def stored_enum(words: type[StrEnum], name: str) -> Enum:
    """Return the PostgreSQL enum type `name`; migrations create it, SQLAlchemy never does."""
    return Enum(
        words,
        name=name,
        schema=SCHEMA,
        create_type=False,
        values_callable=lambda members: [member.value for member in members],
    )


def within_0_1(*columns: str) -> list[CheckConstraint]:
    """Return the checks of prices; NaN fails `<= 1`, so they keep it out too."""
    return [CheckConstraint(f"{c} >= 0 AND {c} <= 1", name=c) for c in columns]


def not_negative(*columns: str) -> list[CheckConstraint]:
    """Return the checks of quantities and of money that is never owed."""
    return [CheckConstraint(f"{c} >= 0 AND {c} < 1e16", name=c) for c in columns]


EXCHANGE = stored_enum(Exchange, "exchange")
MARKET_STATUS = stored_enum(MarketStatus, "market_status")
MARKET_TYPE = stored_enum(MarketType, "market_type")
SIDE = stored_enum(Side, "side")
FOLLOW_KIND = stored_enum(FollowKind, "follow_kind")
DEVICE_KIND = stored_enum(DeviceKind, "device_kind")
DETECTION_KIND = stored_enum(DetectionKind, "detection_kind")
TIER = stored_enum(Tier, "tier")
ALERT_REASON = stored_enum(AlertReason, "alert_reason")
DELIVERY_STATE = stored_enum(DeliveryState, "delivery_state")


class CatalogueRow:
    """What every catalogue table has: natural key, source version, fingerprint, soft delete."""

    id: Mapped[UuidKey]
    exchange: Mapped[Exchange] = mapped_column(EXCHANGE)
    ext_id: Mapped[Str]
    platform_metadata: Mapped[Json]
    source_ts: Mapped[Instant | None]
    fingerprint: Mapped[BigInt]
    is_deleted: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Instant] = mapped_column(server_default=func.now())
    updated_at: Mapped[Instant] = mapped_column(server_default=func.now(), onupdate=func.now())


def live(model: type[CatalogueRow]) -> ColumnElement[bool]:
    """Return the filter for rows that are not soft-deleted; the one place that says so."""
    return ~model.is_deleted  # `.is_(False)` would miss the partial indexes
