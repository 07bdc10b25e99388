"""What a move means for one person, as Python computes it, and the rows that say so."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

Row = Any  # of a database library, or a mapping like it
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Telling:
    """What is the same for everybody."""

    alert: Row
    markets: Mapping[UUID, Row]
    priority: int
    expires_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Impact:
    """What a move means for one person; dollars at executable prices, at mid, and before it."""

    usd: Decimal
    mid_usd: Decimal
    was: Decimal
    positions: Sequence[Row]


def impact_of(held: Sequence[Row], markets: Mapping[UUID, Row]) -> Impact:
    """Add up what somebody's positions gained."""
    worth = [_worth(position, markets[position["market_id"]]) for position in held]
    return Impact(
        usd=sum((one["impact_usd"] for one in worth), _ZERO),
        mid_usd=sum((one["impact_mid_usd"] for one in worth), _ZERO),
        was=sum((_value_before(one) for one in worth), _ZERO),
        positions=worth,
    )


def _worth(position: Row, market: Row) -> dict[str, Any]:
    """Return one position with what the move did to it, as it is shown."""
    if position["side"] == "yes":
        change = market["bid"] - market["bid_before"]
        mid_change = market["price_now"] - market["price_before"]
    else:
        change = market["ask_before"] - market["ask"]
        mid_change = market["price_before"] - market["price_now"]
    return {
        "market_id": str(position["market_id"]),
        "side": position["side"],
        "contracts": position["contracts"],
        "before": market["price_before"],
        "now": market["price_now"],
        "bid": market["bid"],
        "ask": market["ask"],
        "impact_usd": position["contracts"] * change,
        "impact_mid_usd": position["contracts"] * mid_change,
    }


def _value_before(worth: Row) -> Decimal:
    price: Decimal = worth["before"] if worth["side"] == "yes" else 1 - worth["before"]
    return price * Decimal(worth["contracts"])


def why_not(
    telling: Telling, wanted: Row | None, devices: Sequence[Row], impact: Impact
) -> str | None:
    """Say why somebody is not pushed; None when they are."""
    if wanted is not None and not wanted["is_push_on"]:
        return "push_off"
    if wanted is not None and telling.alert["kind_text"] in wanted["muted_kinds"]:
        return "kind_muted"
    if wanted is not None and abs(impact.usd) < wanted["min_impact_usd"]:
        return "below_minimum"
    return None if devices else "no_device"


def notification_of(
    telling: Telling, user_id: UUID, impact: Impact, reason: str | None
) -> dict[str, Any]:
    """Return the row of one person's notification."""
    alert = telling.alert
    markets = [telling.markets[UUID(one["market_id"])] for one in impact.positions]
    numbers = alert["numbers"] | {
        "is_holder": True,
        "is_follower": False,
        "positions": impact.positions,
        "impact_usd": impact.usd,
        "impact_mid_usd": impact.mid_usd,
        "value_before_usd": impact.was,
        "is_wide": any(market["is_wide"] for market in markets),
        "is_stale": any(market["is_stale"] for market in markets),
    }
    named = f"{user_id}{alert['root_alert_id']}"
    return {
        "id": _md5_id(f"notification:{alert['id']}{user_id}"),
        "alert_id": alert["id"],
        "root_alert_id": alert["root_alert_id"],
        "user_id": user_id,
        "episode_id": alert["episode_id"],
        "priority": telling.priority,
        "template": alert["template"],
        "numbers": numbers,
        "impact_usd": impact.usd,
        "impact_mid_usd": impact.mid_usd,
        "value_before_usd": impact.was,
        "is_holder": True,
        "collapse_id": hashlib.sha256(named.encode()).hexdigest()[:32],
        "created_at": telling.now,
        "expires_at": telling.expires_at,
        "suppressed_reason": reason,
    }


def delivery_of(notification: Mapping[str, Any], device_id: UUID) -> dict[str, Any]:
    """Return the row of a notification's way to one device."""
    return {
        "id": _md5_id(f"delivery:{notification['id']}{device_id}"),
        "notification_id": notification["id"],
        "device_id": device_id,
        "user_id": notification["user_id"],
        "alert_id": notification["alert_id"],
        "priority": notification["priority"],
        "state": "pending",
        "collapse_id": notification["collapse_id"],
        "created_at": notification["created_at"],
        "due_at": notification["created_at"],
        "expires_at": notification["expires_at"],
    }


def _md5_id(text: str) -> UUID:
    return UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())
