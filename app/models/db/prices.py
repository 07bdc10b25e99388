"""Latest quotes and candles."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, PrimaryKeyConstraint, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.models.db.base import (
    BigInt,
    Instant,
    PriceColumn,
    QuantityColumn,
    UuidKey,
    not_negative,
    within_0_1,
)

_PRICES = ("last", "bid", "ask", "previous", "previous_bid", "previous_ask")
_QUANTITIES = ("bid_size", "ask_size", "volume", "volume_24h", "open_interest")
VOLUME_RANK = text("coalesce(volume_24h, 0) DESC")
MOVEMENT = text("abs(coalesce(last - previous, 0)) DESC")


class MarketQuote(Base):
    """Latest prices of a market's first outcome; unlogged, rebuilt from the exchange.

    No foreign key: its writers join `markets`, and it is on the hottest path.
    """

    __tablename__ = "market_quotes"
    __table_args__ = (
        *within_0_1(*_PRICES),
        *not_negative(*_QUANTITIES),
        Index("market_quotes_volume_idx", VOLUME_RANK, text("market_id DESC")),
        Index("market_quotes_movement_idx", MOVEMENT, text("market_id DESC")),
        {"prefixes": ["UNLOGGED"], "postgresql_with": {"fillfactor": 70}},
    )

    market_id: Mapped[UuidKey]
    last: Mapped[PriceColumn | None]
    bid: Mapped[PriceColumn | None]
    ask: Mapped[PriceColumn | None]
    bid_size: Mapped[QuantityColumn | None]
    ask_size: Mapped[QuantityColumn | None]
    volume: Mapped[QuantityColumn | None]
    volume_24h: Mapped[QuantityColumn | None]
    open_interest: Mapped[QuantityColumn | None]
    previous: Mapped[PriceColumn | None]
    previous_bid: Mapped[PriceColumn | None]
    previous_ask: Mapped[PriceColumn | None]
    as_of: Mapped[Instant]
    fingerprint: Mapped[BigInt | None]  # of the last values from REST; None after a tick


class MarketQuotesEpoch(Base):
    """One row while the quotes are whole; unlogged like them, so a crash takes both."""

    __tablename__ = "market_quotes_epoch"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    epoch: Mapped[UuidKey]


class Candle:
    """Columns of one candle: last-trade prices, contracts traded, quote at the close."""

    market_id: Mapped[UUID]
    bucket_at: Mapped[Instant]
    open: Mapped[PriceColumn | None]
    high: Mapped[PriceColumn | None]
    low: Mapped[PriceColumn | None]
    close: Mapped[PriceColumn | None]
    bid: Mapped[PriceColumn | None]
    ask: Mapped[PriceColumn | None]
    volume: Mapped[QuantityColumn]
    open_interest: Mapped[QuantityColumn | None]
    frames: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    source: Mapped[str] = mapped_column(Text, server_default=text("'stream'"))


_CANDLE_CHECKS = ("open", "high", "low", "close", "bid", "ask")


def _candle_checks() -> list[CheckConstraint]:
    return [*within_0_1(*_CANDLE_CHECKS), *not_negative("volume", "open_interest")]


class MarketTick(Candle, Base):
    """One minute of one market; partitioned by day, kept 90 days."""

    __tablename__ = "market_ticks"
    __table_args__ = (
        PrimaryKeyConstraint("market_id", "bucket_at"),
        *_candle_checks(),
        {"postgresql_partition_by": "RANGE (bucket_at)"},
    )


class MarketTickHour(Candle, Base):
    """One hour of one market, kept for ever."""

    __tablename__ = "market_ticks_1h"
    __table_args__ = (PrimaryKeyConstraint("market_id", "bucket_at"), *_candle_checks())


class MarketTickDay(Candle, Base):
    """One UTC day of one market, kept for ever."""

    __tablename__ = "market_ticks_1d"
    __table_args__ = (PrimaryKeyConstraint("market_id", "bucket_at"), *_candle_checks())


class StreamCursor(Base):
    """How far a reader of a Redis stream has come; moves in the transaction of its work."""

    __tablename__ = "stream_cursors"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[Instant] = mapped_column(server_default=func.now())
