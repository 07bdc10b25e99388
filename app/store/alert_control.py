"""What an operator sees of alerts and can do about them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from app.core.database import Conn
from app.core.errors import OperatorError
from app.domain.episodes import LATE
from app.domain.ids import NAMESPACE
from app.store.notify_channel import Channel, tell


async def list_alerts(conn: Conn, *, limit: int) -> list[dict[str, Any]]:
    """List the newest alerts with what became of them."""
    rows = await conn.fetch(
        """
        SELECT a.id, a.decided_at AS at,
            concat_ws(' ', a.reason, a.tier, CASE WHEN a.is_shadow THEN 'shadow' END,
                CASE WHEN a.retracted_at IS NOT NULL THEN 'retracted' END) AS alert,
            a.title, count(DISTINCT n.id) AS people,
            count(v.id) FILTER (WHERE v.state = 'accepted') AS pushed,
            count(v.id) FILTER (WHERE v.state IN ('dead', 'expired', 'unknown')) AS lost
        FROM alpha.alerts a
        LEFT JOIN alpha.notifications n ON n.alert_id = a.id
        LEFT JOIN alpha.deliveries v ON v.notification_id = n.id
        GROUP BY a.id ORDER BY a.decided_at DESC, a.id DESC LIMIT $1
        """,
        limit,
    )
    return [dict(row) for row in rows]


async def show_alert(conn: Conn, alert_id: UUID) -> list[dict[str, Any]]:
    """Show one alert with its detection.

    Raises:
        OperatorError: there is none.
    """
    row = await conn.fetchrow(
        """
        SELECT a.id, a.tier, a.kind, a.reason, a.title, a.body, a.started_at, a.decided_at,
            a.worded_at, a.notified_at, a.retracted_at, d.rule, d.rule_version, d.policy,
            d.strength, d.price_before, d.price_now, d.observed_at, d.numbers
        FROM alpha.alerts a JOIN alpha.detections d ON d.id = a.detection_id WHERE a.id = $1
        """,
        alert_id,
    )
    if row is None:
        raise OperatorError(f"There is no alert {alert_id}: see `alpha alerts list`.")
    return [{"what": key, "is": shown} for key, shown in dict(row).items()]


async def retract_alert(
    conn: Conn, alert_id: UUID, *, reason: str | None, now: datetime
) -> list[dict[str, Any]]:
    """Take an alert back: what was not sent yet is not; who got it gets a correction.

    Call in a transaction. Taking back twice changes nothing.

    Raises:
        OperatorError: there is none, or it is a correction itself.
    """
    found = await conn.fetchrow(
        "SELECT * FROM alpha.alerts WHERE id = $1 FOR NO KEY UPDATE", alert_id
    )
    if found is None:
        raise OperatorError(f"There is no alert {alert_id}: see `alpha alerts list`.")
    if found["reason"] == "correction":
        raise OperatorError(f"Alert {alert_id} is a correction: it cannot be taken back.")
    if found["retracted_at"] is not None:
        return [{"alert": alert_id, "retracted_at": found["retracted_at"], "not_sent": 0}]
    await conn.execute(
        "UPDATE alpha.alerts SET retracted_at = $2, retracted_reason = $3 WHERE id = $1",
        alert_id,
        now,
        reason or "by the operator",
    )
    await _insert_correction(conn, alert_id, now=now)
    stopped = await conn.execute(
        """
        UPDATE alpha.deliveries SET state = 'suppressed', reason = 'retracted'
        WHERE state IN ('pending', 'retry')
          AND notification_id IN (SELECT id FROM alpha.notifications WHERE alert_id = $1)
        """,
        alert_id,
    )
    await conn.execute(
        """
        INSERT INTO alpha.audit_log (at, actor, action, subject, detail)
        VALUES ($1, 'operator', 'alert.retracted', $2, $3)
        """,
        now,
        str(alert_id),
        {"reason": reason},
    )
    await tell(conn, Channel.ALERTS)
    return [{"alert": alert_id, "retracted_at": now, "not_sent": int(stopped.split()[-1])}]


async def _insert_correction(conn: Conn, alert_id: UUID, *, now: datetime) -> None:
    """Make the alert that takes another one back; it covers the same markets."""
    key = f"correction:{alert_id}"
    correction_id = uuid5(NAMESPACE, f"alert:{key}")
    await conn.execute(
        """
        INSERT INTO alpha.alerts (id, dedupe_key, episode_id, event_id, detection_id,
            root_alert_id, replaces_id, reason, tier, kind, strength, started_at, decided_at,
            expires_at, is_shadow)
        SELECT $2, $3, episode_id, event_id, detection_id, root_alert_id, id, 'correction',
            'unexplained', kind, strength, started_at, $4, $5, is_shadow
        FROM alpha.alerts WHERE id = $1
        """,
        alert_id,
        correction_id,
        key,
        now,
        now + LATE,
    )
    await conn.execute(
        """
        INSERT INTO alpha.alert_markets
        SELECT $2, market_id, is_subject, price_before, bid_before, ask_before, price_now, bid,
            ask, as_of, is_wide, is_stale
        FROM alpha.alert_markets WHERE alert_id = $1
        """,
        alert_id,
        correction_id,
    )
