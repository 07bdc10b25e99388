"""Candles and public trades with sensible defaults; a test names only the fields it is about."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from app.models.db import Market, MarketTick, MarketTickDay, MarketTickHour, PublicTrade
from tests.factories import NOW

Stored = type[MarketTick | MarketTickHour | MarketTickDay]
_numbers = count(1)


def make_candle(
    market: Market, bucket_at: datetime = NOW, *, table: Stored = MarketTick, **fields: Any
) -> MarketTick | MarketTickHour | MarketTickDay:
    """Make a stored candle of our own stream, by default a minute in which nobody traded."""
    defaults = {"volume": Decimal(0), "frames": 1, "source": "stream"}
    return table(market_id=market.id, bucket_at=bucket_at, **(defaults | fields))


def make_minutes(market: Market, *minutes_ago: int, **fields: Any) -> list[Any]:
    """Make minutes that started so many minutes before `NOW`."""
    return [make_candle(market, NOW - timedelta(minutes=n), **fields) for n in minutes_ago]


def make_trade(market: Market, **fields: Any) -> PublicTrade:
    """Make a trade of 1,000 contracts of the first outcome at even odds."""
    defaults = {
        "exchange": market.exchange,
        "ext_id": f"trade-{next(_numbers):04d}",
        "traded_at": NOW,
        "price": Decimal("0.5"),
        "contracts": Decimal(1000),
        "cost_usd": Decimal(500),
        "taker": "first",
    }
    return PublicTrade(market_id=market.id, **(defaults | fields))
