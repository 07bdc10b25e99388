"""People and what belongs to them, with sensible defaults; a test names only what it is about."""

from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from app.domain.people import FollowKind, Side, device_id, follow_id, position_id
from app.domain.push import DeviceKind
from app.models.db import Device, Follow, Market, Position, User
from tests.factories import NOW

_numbers = count(1)


def make_user(**fields: Any) -> User:
    """Make somebody in New York."""
    defaults = {"id": uuid4(), "timezone": "America/New_York", "created_at": NOW}
    return User(**(defaults | fields))


def make_position(user: User, market: Market, **fields: Any) -> Position:
    """Make a position of 100 YES contracts."""
    side = fields.get("side", Side.YES)
    defaults = {
        "id": position_id(user.id, market.id, side),
        "side": side,
        "contracts": Decimal(100),
        "average_price": Decimal("0.4"),
        "source": "test",
        "opened_at": NOW,
        "updated_at": NOW,
    }
    return Position(user_id=user.id, market_id=market.id, **(defaults | fields))


def make_follow(
    user: User, target_id: UUID, kind: FollowKind = FollowKind.MARKET, **fields: Any
) -> Follow:
    """Make a follow that pushes."""
    defaults = {"id": follow_id(user.id, kind, target_id), "is_push": True, "created_at": NOW}
    return Follow(user_id=user.id, kind=kind, target_id=target_id, **(defaults | fields))


def make_device(user: User, **fields: Any) -> Device:
    """Make a phone with an FCM token of its own."""
    kind = fields.get("kind", DeviceKind.FCM_TOKEN)
    address = fields.get("address", f"cfactory-token-{next(_numbers):06d}:APA91b")
    defaults = {
        "id": device_id(user.id, kind, address),
        "kind": kind,
        "address": address,
        "registered_at": NOW,
        "last_seen_at": NOW,
    }
    return Device(user_id=user.id, **(defaults | fields))
