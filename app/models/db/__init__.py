"""ORM models, one file per aggregate."""

from app.models.db.base import live
from app.models.db.catalogue import Event, Market, MarketOutcome, Series
from app.models.db.operations import (
    AuditEntry,
    CronRun,
    FeedState,
    IngestReject,
    Lease,
    LifecycleEvent,
)
from app.models.db.prices import (
    MarketQuote,
    MarketQuotesEpoch,
    MarketTick,
    MarketTickDay,
    MarketTickHour,
    StreamCursor,
)
from app.models.db.trades import CandleBackfill, PublicTrade

__all__ = [
    "AuditEntry",
    "CandleBackfill",
    "CronRun",
    "Event",
    "FeedState",
    "IngestReject",
    "Lease",
    "LifecycleEvent",
    "Market",
    "MarketOutcome",
    "MarketQuote",
    "MarketQuotesEpoch",
    "MarketTick",
    "MarketTickDay",
    "MarketTickHour",
    "PublicTrade",
    "Series",
    "StreamCursor",
    "live",
]
