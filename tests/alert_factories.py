"""Detections, alerts and what people were told, with sensible defaults.

`make_*` name their parents by id; save them parents first.
"""

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from app.domain.alerts import AlertReason, Tier
from app.domain.deliveries import DeliveryState
from app.domain.detections import DetectionKind
from app.domain.words import Wording, template_of
from app.models.db import (
    Alert,
    AlertEvidence,
    AlertMarket,
    Delivery,
    Detection,
    Device,
    Episode,
    Market,
    Notification,
    Signal,
    User,
)
from tests.factories import NOW

BEFORE, AFTER = Decimal("0.48"), Decimal("0.36")
MOVED = {
    "label": "Celtics to win",
    "before": "0.48",
    "now": "0.36",
    "direction": -1,
    "minutes": 4,
    "is_wide": False,
    "is_stale": False,
    "reason": "new",
}
PLAIN_MOVE = template_of(DetectionKind.LINE_MOVE, Tier.UNEXPLAINED, Wording.PLAIN)
_numbers = count(1)


def make_episode(market: Market, **fields: Any) -> Episode:
    """Make an open episode of a market's event."""
    defaults = {"id": uuid4(), "subject_kind": "event", "subject_id": market.event.id}
    return Episode(**(defaults | {"opened_at": NOW, "last_detection_at": NOW} | fields))


def make_detection(market: Market, episode: Episode, **fields: Any) -> Detection:
    """Make a drop from 48 to 36 cents that an alert came of."""
    defaults = {
        "id": uuid4(),
        "dedupe_key": f"detection-{next(_numbers)}",
        "kind": DetectionKind.LINE_MOVE,
        "rule": "line_move",
        "rule_version": 3,
        "policy": "pre_game",
        "started_at": NOW - timedelta(minutes=4),
        "observed_at": NOW - timedelta(seconds=1),
        "decided_at": NOW,
        "direction": -1,
        "strength": Decimal("2.5"),
        "price_before": BEFORE,
        "price_now": AFTER,
        "numbers": {"prints": 7, "is_thin": False, "volume": "1250.5", "usual": None},
        "markets": [],
        "outcome": "alerted",
    }
    return Detection(
        market_id=market.id,
        event_id=market.event.id,
        episode_id=episode.id,
        **(defaults | fields),
    )


def make_alert(detection: Detection, **fields: Any) -> Alert:
    """Make a worded, unexplained alert of a detection, first of its chain; link them."""
    own_id = fields.get("id", uuid4())
    defaults = {
        "id": own_id,
        "dedupe_key": f"alert-{next(_numbers)}",
        "root_alert_id": own_id,
        "reason": AlertReason.NEW,
        "tier": Tier.UNEXPLAINED,
        "kind": detection.kind,
        "strength": detection.strength,
        "started_at": detection.started_at,
        "decided_at": detection.decided_at,
        "expires_at": NOW + timedelta(minutes=10),
        "template": PLAIN_MOVE,
        "numbers": MOVED,
        "title": "stored title",
        "body": "stored body",
        "worded_at": NOW,
        "notified_at": NOW,
    }
    detection.alert_id = own_id
    return Alert(
        episode_id=detection.episode_id,
        event_id=detection.event_id,
        detection_id=detection.id,
        **(defaults | fields),
    )


def make_alert_market(alert: Alert, market: Market, **fields: Any) -> AlertMarket:
    """Make the market that moved first."""
    defaults = {
        "is_subject": True,
        "price_before": BEFORE,
        "bid_before": Decimal("0.47"),
        "ask_before": Decimal("0.49"),
        "price_now": AFTER,
        "bid": Decimal("0.35"),
        "ask": Decimal("0.37"),
        "as_of": NOW,
        "is_wide": False,
        "is_stale": False,
    }
    return AlertMarket(alert_id=alert.id, market_id=market.id, **(defaults | fields))


def make_signal(**fields: Any) -> Signal:
    """Make an injury that a source told of a minute before the move."""
    defaults = {
        "id": uuid4(),
        "source": "espn",
        "source_event_id": f"injury-{next(_numbers)}",
        "source_url": "https://example.com/injuries",
        "kind": "injury",
        "explains": True,
        "source_at": NOW - timedelta(minutes=5),
        "observed_at": NOW - timedelta(minutes=5),
        "fact_version": "status=doubtful",
    }
    return Signal(**(defaults | fields))


def make_evidence(alert: Alert, signal: Signal) -> AlertEvidence:
    """Make a signal the evidence of a confirmed alert."""
    return AlertEvidence(alert_id=alert.id, signal_id=signal.id)


def make_notification(user: User, alert: Alert, **fields: Any) -> Notification:
    """Make what a holder of 100 contracts was told."""
    position = {
        "market_id": str(uuid4()),
        "side": "yes",
        "contracts": "100",
        "before": "0.48",
        "now": "0.36",
        "bid": "0.35",
        "ask": "0.37",
        "impact_usd": "-12.00",
        "impact_mid_usd": "-12.00",
    }
    impact = {"impact_usd": "-12.00", "impact_mid_usd": "-12.00", "value_before_usd": "48.00"}
    person = {"is_holder": True, "is_follower": False, "positions": [position], **impact}
    defaults = {
        "id": uuid4(),
        "root_alert_id": alert.root_alert_id,
        "episode_id": alert.episode_id,
        "priority": 2,
        "template": alert.template or PLAIN_MOVE,
        "numbers": {**MOVED, **person},
        "is_holder": True,
        "collapse_id": "0" * 32,
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=10),
        **{name: Decimal(usd) for name, usd in impact.items()},
    }
    return Notification(alert_id=alert.id, user_id=user.id, **(defaults | fields))


def make_delivery(notification: Notification, device: Device, **fields: Any) -> Delivery:
    """Make an accepted push of a notification."""
    defaults = {
        "id": uuid4(),
        "priority": notification.priority,
        "state": DeliveryState.ACCEPTED,
        "attempts": 1,
        "collapse_id": notification.collapse_id,
        "created_at": NOW,
        "due_at": NOW,
        "expires_at": notification.expires_at,
        "title": "stored title",
        "body": "stored body",
        "address": device.address,
        "sent_at": NOW + timedelta(milliseconds=200),
        "accepted_at": NOW + timedelta(milliseconds=450),
    }
    return Delivery(
        notification_id=notification.id,
        device_id=device.id,
        user_id=notification.user_id,
        alert_id=notification.alert_id,
        **(defaults | fields),
    )
