"""Kalshi's REST answers as on the wire: the fields we read; the raw row keeps all others.

Source of every model: Kalshi OpenAPI 3.34.0 (`info.version`), read 2026-11-22, and
recordings of January to August 2026. Units: `*_dollars` are decimal text, dollars per
contract that pays $1, so already 0..1; `*_fp` are decimal text, contracts, steps of
0.01; `*_time`, `*_datetime` and a row's `last_updated_ts` are RFC 3339 in UTC, other
`*_ts` Unix seconds. Fields without suffix on prices and counts are the form used until
early 2026: whole cents and whole contracts; where both are sent the suffixed one wins.
A field is required only when the row means nothing without it.
"""

from app.models.kalshi.base import Ticker, Wire
from app.models.kalshi.candlestick import KalshiCandlestick, KalshiOffers, KalshiTraded
from app.models.kalshi.event import KalshiEvent
from app.models.kalshi.exchange import (
    KalshiAccountLimits,
    KalshiBucketLimit,
    KalshiDailySchedule,
    KalshiError,
    KalshiExchangeStatus,
    KalshiMaintenanceWindow,
    KalshiSchedule,
    KalshiWeeklySchedule,
)
from app.models.kalshi.market import KalshiMarket, KalshiPriceRange
from app.models.kalshi.orderbook import KalshiOrderbook, KalshiOrderbookAnswer
from app.models.kalshi.series import KalshiSeries
from app.models.kalshi.trade import KalshiTrade

__all__ = [
    "KalshiAccountLimits",
    "KalshiBucketLimit",
    "KalshiCandlestick",
    "KalshiDailySchedule",
    "KalshiError",
    "KalshiEvent",
    "KalshiExchangeStatus",
    "KalshiMaintenanceWindow",
    "KalshiMarket",
    "KalshiOffers",
    "KalshiOrderbook",
    "KalshiOrderbookAnswer",
    "KalshiPriceRange",
    "KalshiSchedule",
    "KalshiSeries",
    "KalshiTrade",
    "KalshiTraded",
    "KalshiWeeklySchedule",
    "Ticker",
    "Wire",
]
