"""ORM models, one file per aggregate."""

from app.models.db.alerts import Alert, AlertEvidence, AlertMarket
from app.models.db.base import live
from app.models.db.catalogue import Event, Market, MarketOutcome, Series
from app.models.db.detections import Detection, Episode, MarketBaseline, Signal
from app.models.db.notifications import Delivery, DeliveryAttempt, Notification
from app.models.db.operations import (
    AuditEntry,
    CronRun,
    FeedState,
    IngestReject,
    Lease,
    LifecycleEvent,
)
from app.models.db.people import Device, Follow, NotificationPreferences, Position, User
from app.models.db.prices import (
    MarketQuote,
    MarketQuotesEpoch,
    MarketTick,
    MarketTickDay,
    MarketTickHour,
    StreamCursor,
)
from app.models.db.rules import Rule, Switch
from app.models.db.trades import CandleBackfill, PublicTrade

__all__ = [
    "Alert",
    "AlertEvidence",
    "AlertMarket",
    "AuditEntry",
    "CandleBackfill",
    "CronRun",
    "Delivery",
    "DeliveryAttempt",
    "Detection",
    "Device",
    "Episode",
    "Event",
    "FeedState",
    "Follow",
    "IngestReject",
    "Lease",
    "LifecycleEvent",
    "Market",
    "MarketBaseline",
    "MarketOutcome",
    "MarketQuote",
    "MarketQuotesEpoch",
    "MarketTick",
    "MarketTickDay",
    "MarketTickHour",
    "Notification",
    "NotificationPreferences",
    "Position",
    "PublicTrade",
    "Rule",
    "Series",
    "Signal",
    "StreamCursor",
    "Switch",
    "User",
    "live",
]
