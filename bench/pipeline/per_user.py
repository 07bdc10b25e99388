"""The peer: one person after the other, as most backends tell people.

It reads what somebody holds, wants and carries, computes the impact in Python, inserts the
notification and a delivery for each device, and commits. It looks at no follows and at nothing
that was said before, so it does less than ours.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.database import Conn

Row = Any  # of asyncpg, or a mapping like it
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


async def tell_each(conn: Conn, alert_id: UUID, *, now: datetime) -> None:
    """Tell everybody who holds a market of an alert, a transaction for each of them."""
    telling = await _read_telling(conn, alert_id, now)
    holders = await conn.fetch(
        "SELECT DISTINCT user_id FROM alpha.positions WHERE market_id = ANY($1)",
        list(telling.markets),
    )
    for holder in holders:
        async with conn.transaction():
            await _tell(conn, telling, holder["user_id"])
    await conn.execute("UPDATE alpha.alerts SET notified_at = $2 WHERE id = $1", alert_id, now)


async def _read_telling(conn: Conn, alert_id: UUID, now: datetime) -> Telling:
    (alert,) = await conn.fetch(
        "SELECT *, kind::text AS kind_text FROM alpha.alerts WHERE id = $1", alert_id
    )
    markets = await conn.fetch("SELECT * FROM alpha.alert_markets WHERE alert_id = $1", alert_id)
    body = await conn.fetchval("SELECT body FROM alpha.rules WHERE name = 'priority:2'")
    expires_at = alert["decided_at"] + timedelta(seconds=float(body["deadline_s"]))
    return Telling(alert, {row["market_id"]: row for row in markets}, 2, expires_at, now)


async def _tell(conn: Conn, telling: Telling, user_id: UUID) -> None:
    held = await conn.fetch(
        "SELECT market_id, side::text, contracts FROM alpha.positions"
        " WHERE user_id = $1 AND market_id = ANY($2) ORDER BY market_id, side",
        user_id,
        list(telling.markets),
    )
    wanted = await conn.fetchrow(
        "SELECT * FROM alpha.notification_preferences WHERE user_id = $1", user_id
    )
    devices = await conn.fetch(
        "SELECT id FROM alpha.devices WHERE user_id = $1 AND disabled_at IS NULL", user_id
    )
    impact = _impact(held, telling.markets)
    reason = _why_not(telling, wanted, devices, impact)
    notification_id = _md5_id(f"notification:{telling.alert['id']}{user_id}")
    collapse_id = hashlib.sha256(f"{user_id}{telling.alert['root_alert_id']}".encode()).hexdigest()
    await _insert_notification(conn, telling, user_id, impact, reason)
    for device in devices if reason is None else ():
        await conn.execute(
            _DELIVERY,
            _md5_id(f"delivery:{notification_id}{device['id']}"),
            notification_id,
            device["id"],
            user_id,
            telling.alert["id"],
            telling.priority,
            collapse_id[:32],
            telling.now,
            telling.expires_at,
        )


def _impact(held: Sequence[Row], markets: Mapping[UUID, Row]) -> Impact:
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


def _why_not(
    telling: Telling, wanted: Row | None, devices: Sequence[Row], impact: Impact
) -> str | None:
    if wanted is not None and not wanted["is_push_on"]:
        return "push_off"
    if wanted is not None and telling.alert["kind_text"] in wanted["muted_kinds"]:
        return "kind_muted"
    if wanted is not None and abs(impact.usd) < wanted["min_impact_usd"]:
        return "below_minimum"
    return None if devices else "no_device"


async def _insert_notification(
    conn: Conn, telling: Telling, user_id: UUID, impact: Impact, reason: str | None
) -> None:
    alert = telling.alert
    collapse_id = hashlib.sha256(f"{user_id}{alert['root_alert_id']}".encode()).hexdigest()
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
    await conn.execute(
        _NOTIFICATION,
        _md5_id(f"notification:{alert['id']}{user_id}"),
        alert["id"],
        alert["root_alert_id"],
        user_id,
        alert["episode_id"],
        telling.priority,
        alert["template"],
        numbers,
        impact.usd,
        impact.mid_usd,
        impact.was,
        collapse_id[:32],
        telling.now,
        telling.expires_at,
        reason,
    )


def _md5_id(text: str) -> UUID:
    return UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


_NOTIFICATION = """
INSERT INTO alpha.notifications (id, alert_id, root_alert_id, user_id, episode_id, priority,
    template, numbers, impact_usd, impact_mid_usd, value_before_usd, is_holder, collapse_id,
    created_at, expires_at, suppressed_reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, true, $12, $13, $14, $15)
"""

_DELIVERY = """
INSERT INTO alpha.deliveries (id, notification_id, device_id, user_id, alert_id, priority,
    state, collapse_id, created_at, due_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $8, $9)
"""
