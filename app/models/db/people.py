"""People, what they hold, watch and prefer, and where to reach them; deleted for real."""

from datetime import time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, Time, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.domain.people import FollowKind, Side
from app.domain.push import DeviceKind
from app.models.db.base import (
    DEVICE_KIND,
    FOLLOW_KIND,
    QUANTITY,
    SIDE,
    Instant,
    PriceColumn,
    QuantityColumn,
    Str,
    UuidKey,
    not_negative,
    within_0_1,
)


class User(Base):
    """A person; `id` is the one the identity provider gave them."""

    __tablename__ = "users"

    id: Mapped[UuidKey]
    display_name: Mapped[Str | None]
    timezone: Mapped[Str] = mapped_column(server_default=text("'America/New_York'"))
    created_at: Mapped[Instant] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[Instant | None]


class Position(Base):
    """What a person holds of one side of a market."""

    __tablename__ = "positions"
    __table_args__ = (
        UniqueConstraint("user_id", "market_id", "side", name="positions_one_key"),
        CheckConstraint("contracts > 0 AND contracts < 1e16", name="contracts"),
        *within_0_1("average_price"),
        Index(
            "positions_market_id_idx",
            "market_id",
            postgresql_include=["user_id", "side", "contracts"],
        ),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.users.id", ondelete="CASCADE"))
    market_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.markets.id"))
    side: Mapped[Side] = mapped_column(SIDE)
    contracts: Mapped[QuantityColumn]
    average_price: Mapped[PriceColumn | None]  # of the side held; None = nobody told us
    source: Mapped[Str]
    opened_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class Follow(Base):
    """What a person watches; no foreign key, `kind` says in which table the target is."""

    __tablename__ = "follows"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "target_id", name="follows_one_key"),
        Index("follows_target_idx", "target_id", postgresql_include=["user_id", "is_push"]),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.users.id", ondelete="CASCADE"))
    kind: Mapped[FollowKind] = mapped_column(FOLLOW_KIND)
    target_id: Mapped[UUID]
    is_push: Mapped[bool]
    created_at: Mapped[Instant]


class Device(Base):
    """An installation of the app and how to push to it; one address belongs to one person."""

    __tablename__ = "devices"
    __table_args__ = (
        UniqueConstraint("kind", "address", name="devices_address_key"),
        CheckConstraint("(disabled_at IS NULL) = (disabled_reason IS NULL)", name="disabled"),
        Index("devices_user_id_idx", "user_id", postgresql_where=text("disabled_at IS NULL")),
        Index("devices_of_user_idx", "user_id", text("registered_at DESC"), text("id DESC")),
        Index("devices_installation_idx", text("split_part(address, ':', 1)")),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("alpha.users.id", ondelete="CASCADE"))
    kind: Mapped[DeviceKind] = mapped_column(DEVICE_KIND)
    address: Mapped[Str]
    app_version: Mapped[Str | None]
    registered_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    disabled_at: Mapped[Instant | None]
    disabled_reason: Mapped[Str | None]


class NotificationPreferences(Base):
    """How a person wants to be told; no row means every default."""

    __tablename__ = "notification_preferences"
    __table_args__ = (
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet"),
        *not_negative("min_impact_usd"),
    )

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("alpha.users.id", ondelete="CASCADE"), primary_key=True
    )
    is_push_on: Mapped[bool] = mapped_column(server_default=text("true"))
    quiet_from: Mapped[time | None] = mapped_column(Time)  # local, in the person's time zone
    quiet_to: Mapped[time | None] = mapped_column(Time)
    is_protect_quiet: Mapped[bool] = mapped_column(server_default=text("false"))
    is_held_when_quiet: Mapped[bool] = mapped_column(server_default=text("true"))
    muted_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    show_amounts: Mapped[bool] = mapped_column(server_default=text("false"))
    min_impact_usd: Mapped[Decimal] = mapped_column(QUANTITY, server_default=text("0"))
    updated_at: Mapped[Instant]
