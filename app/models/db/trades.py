"""Public trades above a floor, and windows whose candles must be fetched again."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.domain.types import Exchange
from app.models.db.base import EXCHANGE, Instant, PriceColumn, QuantityColumn, Str


class PublicTrade(Base):
    """A trade worth keeping; `cost_usd` is what its taker paid."""

    __tablename__ = "public_trades"
    __table_args__ = (
        CheckConstraint("price >= 0 AND price <= 1", name="price"),
        CheckConstraint("contracts >= 0 AND contracts < 1e16", name="contracts"),
        CheckConstraint("cost_usd >= 0 AND cost_usd < 1e16", name="cost_usd"),
        Index("public_trades_market_idx", "market_id", text("traded_at DESC"), text("ext_id DESC")),
        Index("public_trades_traded_at_idx", "traded_at"),
    )

    exchange: Mapped[Exchange] = mapped_column(EXCHANGE, primary_key=True)
    ext_id: Mapped[str] = mapped_column(Text, primary_key=True)
    market_id: Mapped[UUID]
    traded_at: Mapped[Instant]
    price: Mapped[PriceColumn]
    contracts: Mapped[QuantityColumn]
    cost_usd: Mapped[QuantityColumn]
    taker: Mapped[Str | None]
    is_block: Mapped[bool] = mapped_column(server_default=text("false"))


class CandleBackfill(Base):
    """A window of one market whose candles come from the exchange: an outage, or a first sight."""

    __tablename__ = "candle_backfills"
    __table_args__ = (
        CheckConstraint("since <= until", name="window"),
        Index(
            "candle_backfills_due_idx", "not_before", "id", postgresql_where=text("done_at IS NULL")
        ),
        Index(
            "candle_backfills_first_sight_idx",
            "market_id",
            unique=True,
            postgresql_where=text("reason = 'first_sight'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    market_id: Mapped[UUID]
    since: Mapped[Instant]
    until: Mapped[Instant]
    reason: Mapped[Str]
    requested_at: Mapped[Instant]
    not_before: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    done_at: Mapped[Instant | None]
    candles: Mapped[int | None] = mapped_column(Integer)
