"""A move of one market and what people were told of it, saved whole."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.alerts import Tier
from app.models.db import (
    Alert,
    AlertMarket,
    Delivery,
    Detection,
    Device,
    Episode,
    Market,
    Notification,
    Position,
    Signal,
    User,
)
from tests.alert_factories import (
    make_alert,
    make_alert_market,
    make_delivery,
    make_detection,
    make_episode,
    make_evidence,
    make_notification,
    make_signal,
)
from tests.factories import make_market
from tests.integration.api.serving import Save
from tests.people_factories import make_device, make_position


@dataclass
class Move:
    """A market that moved, and the rows down to the alert."""

    market: Market
    episode: Episode
    detection: Detection
    alert: Alert
    covered: AlertMarket


@dataclass
class Told:
    """What one person was told of a move."""

    move: Move
    position: Position
    device: Device
    notification: Notification
    deliveries: list[Delivery] = field(default_factory=list)


async def save_move(save: Save, market: Market | None = None, **fields: Any) -> Move:
    """Save a market and an alert of it; `fields` are the alert's."""
    moved = market or make_market()
    await save(moved)
    episode = make_episode(moved)
    await save(episode)
    detection = make_detection(moved, episode)
    await save(detection)
    alert = make_alert(detection, **fields)
    covered = make_alert_market(alert, moved)
    await save(alert)
    await save(covered)
    return Move(moved, episode, detection, alert, covered)


async def save_confirmed(save: Save, move: Move, **fields: Any) -> tuple[Alert, Signal]:
    """Save a confirmed follow-up of a move's alert, with its evidence."""
    signal = make_signal()
    follow_up = make_alert(
        move.detection,
        tier=Tier.CONFIRMED,
        reason="follow_up",
        root_alert_id=move.alert.id,
        replaces_id=move.alert.id,
        evidence_id=signal.id,
        **fields,
    )
    move.detection.alert_id = move.alert.id
    await save(signal)
    await save(follow_up)
    await save(make_evidence(follow_up, signal), make_alert_market(follow_up, move.market))
    return follow_up, signal


async def save_update(save: Save, move: Move) -> Alert:
    """Save that it became twice as bad, not told to anybody yet."""
    update = make_alert(
        move.detection,
        reason="update",
        root_alert_id=move.alert.id,
        replaces_id=move.alert.id,
        strength=2 * move.alert.strength,
        notified_at=None,
    )
    await save(update)
    worse = {"price_now": Decimal("0.24"), "bid": Decimal("0.23"), "ask": Decimal("0.25")}
    await save(make_alert_market(update, move.market, **worse))
    return update


async def tell(save: Save, user: User, move: Move, **fields: Any) -> Told:
    """Save that a holder with one phone was told; `fields` are the notification's."""
    position, device = make_position(user, move.market), make_device(user)
    notification = make_notification(user, move.alert, **fields)
    await save(position, device, notification)
    delivery = make_delivery(notification, device)
    await save(delivery)
    return Told(move, position, device, notification, [delivery])
