"""Rows around deliveries: one alert about one market, its people, their devices."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from app.core.database import Conn

_SPACE = UUID("00000000-0000-5000-8000-000000000000")

NUMBERS = {
    "label": "Celtics win",
    "before": "0.62",
    "now": "0.48",
    "direction": -1,
    "minutes": 4,
    "reason": "new",
    "is_wide": False,
    "is_stale": False,
    "is_holder": True,
    "is_follower": False,
    "positions": [{"contracts": "100"}],
    "impact_usd": "-14",
    "impact_mid_usd": "-14",
    "value_before_usd": "62",
}


def row_id(name: str) -> UUID:
    """Return the id of a row by a name of the test's own."""
    return uuid5(_SPACE, name)


@dataclass(frozen=True)
class AlertRows:
    """An alert with its market, event, episode."""

    name: str
    at: datetime
    alert_id: UUID
    market_id: UUID
    event_id: UUID
    series_id: UUID
    episode_id: UUID


async def add_alert(
    conn: Conn,
    name: str = "first",
    *,
    at: datetime,
    market: str = "market",
    reason: str = "new",
    replaces: str | None = None,
    **fields: Any,
) -> AlertRows:
    """Add an unexplained line move about a market, worded and told; the market when it is new."""
    rows = AlertRows(
        name,
        at,
        row_id(f"alert:{name}"),
        row_id(f"market:{market}"),
        row_id(f"event:{market}"),
        row_id(f"series:{market}"),
        row_id(f"episode:{market}"),
    )
    await _add_market(conn, rows, market)
    detection_id = row_id(f"detection:{name}")
    await conn.execute(
        """
        INSERT INTO alpha.detections (id, dedupe_key, kind, market_id, event_id, episode_id, rule,
            rule_version, policy, started_at, observed_at, decided_at, direction, strength,
            numbers, markets, outcome)
        VALUES ($1, $2, 'line_move', $3, $4, $5, 'line_move', 1, 'pre_game', $6, $6, $6, -1, 2,
            '{}', '[]', 'alerted')
        """,
        detection_id,
        name,
        rows.market_id,
        rows.event_id,
        rows.episode_id,
        at,
    )
    await conn.execute(
        """
        INSERT INTO alpha.alerts (id, dedupe_key, episode_id, event_id, detection_id,
            root_alert_id, replaces_id, reason, tier, kind, strength, started_at, decided_at,
            expires_at, is_shadow, template, numbers, title, body, worded_at, notified_at,
            retracted_at)
        VALUES ($1::uuid, $2, $3, $4, $5, coalesce($6::uuid, $1::uuid), $6::uuid,
            $7::text::alpha.alert_reason, 'unexplained', 'line_move', 2, $8, $8, $9, $10,
            'line_move.unexplained.plain', '{}', 't', 'b', $8, $8, $11)
        """,
        rows.alert_id,
        name,
        rows.episode_id,
        rows.event_id,
        detection_id,
        None if replaces is None else row_id(f"alert:{replaces}"),
        reason,
        at,
        at + timedelta(minutes=10),
        fields.get("is_shadow", False),
        fields.get("retracted_at"),
    )
    await conn.execute(
        """
        INSERT INTO alpha.alert_markets (alert_id, market_id, is_subject, as_of, is_wide, is_stale)
        VALUES ($1, $2, true, $3, false, false)
        """,
        rows.alert_id,
        rows.market_id,
        at,
    )
    return rows


async def _add_market(conn: Conn, rows: AlertRows, name: str) -> None:
    await conn.execute(
        "INSERT INTO alpha.series (id, exchange, ext_id, title, fingerprint)"
        " VALUES ($1, 'kalshi', $2, 'Games', 0) ON CONFLICT DO NOTHING",
        rows.series_id,
        name,
    )
    await conn.execute(
        "INSERT INTO alpha.events (id, series_id, exchange, ext_id, title, fingerprint)"
        " VALUES ($1, $2, 'kalshi', $3, 'Lakers at Celtics', 0) ON CONFLICT DO NOTHING",
        rows.event_id,
        rows.series_id,
        name,
    )
    await conn.execute(
        "INSERT INTO alpha.markets (id, event_id, exchange, ext_id, title, market_type, status,"
        " fingerprint) VALUES ($1, $2, 'kalshi', $3, 'Celtics?', 'binary', 'open', 0)"
        " ON CONFLICT DO NOTHING",
        rows.market_id,
        rows.event_id,
        name,
    )
    await conn.execute(
        "INSERT INTO alpha.episodes (id, subject_kind, subject_id, opened_at, last_detection_at)"
        " VALUES ($1, 'event', $2, $3, $3) ON CONFLICT DO NOTHING",
        rows.episode_id,
        rows.event_id,
        rows.at,
    )


async def add_holders(conn: Conn, rows: AlertRows, people: int, **fields: Any) -> None:
    """Add people who hold the alert's market, a device each, a notification, a due delivery.

    Person `n` has the ids `md5('user:n')` and so on, so a second alert meets the same people.
    """
    await conn.execute(_PEOPLE, people, rows.market_id, rows.at - timedelta(days=1))
    await conn.execute(
        _DELIVERIES,
        people,
        rows.alert_id,
        rows.episode_id,
        fields.get("priority", 2),
        NUMBERS | fields.get("numbers", {}),
        rows.at,
        fields.get("expires_at", rows.at + timedelta(minutes=10)),
        fields.get("template", "line_move.unexplained.plain"),
    )


async def user_id(conn: Conn, number: int = 1) -> UUID:
    """Return the id of person `number`."""
    found: UUID = await conn.fetchval("SELECT md5('user:' || $1::text)::uuid", str(number))
    return found


_PEOPLE = """
WITH people AS (
    SELECT i, md5('user:' || i)::uuid AS id FROM generate_series(1, $1::int) i
), users AS (
    INSERT INTO alpha.users (id, timezone, created_at)
    SELECT id, 'America/New_York', $3 FROM people ON CONFLICT DO NOTHING
), devices AS (
    INSERT INTO alpha.devices (id, user_id, kind, address, registered_at, last_seen_at)
    SELECT md5('device:' || i)::uuid, id, 'fcm_token', 'token-' || i, $3::timestamptz, $3
    FROM people ON CONFLICT DO NOTHING
)
INSERT INTO alpha.positions (id, user_id, market_id, side, contracts, source, opened_at, updated_at)
SELECT md5('position:' || i || $2::uuid)::uuid, id, $2::uuid, 'yes', 100, 'test', $3, $3 FROM people
ON CONFLICT DO NOTHING
"""

_DELIVERIES = """
WITH people AS (
    SELECT i, md5('user:' || i)::uuid AS user_id, md5('notification:' || $2::uuid || i)::uuid AS id,
        left(md5(i::text || (SELECT root_alert_id FROM alpha.alerts WHERE id = $2)), 32) AS same
    FROM generate_series(1, $1::int) i
), told AS (
    INSERT INTO alpha.notifications (id, alert_id, root_alert_id, user_id, episode_id, priority,
        template, numbers, impact_usd, impact_mid_usd, value_before_usd, is_holder, collapse_id,
        created_at, expires_at)
    SELECT id, $2, (SELECT root_alert_id FROM alpha.alerts WHERE id = $2), user_id, $3, $4,
        $8, $5, -14, -14, 62, true, same, $6, $7 FROM people
)
INSERT INTO alpha.deliveries (id, notification_id, device_id, user_id, alert_id, priority, state,
    collapse_id, created_at, due_at, expires_at)
SELECT md5('delivery:' || $2::uuid || i)::uuid, id, md5('device:' || i)::uuid, user_id, $2, $4,
    'pending', same, $6, $6, $7 FROM people
"""
