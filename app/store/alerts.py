"""Alerts: made from detections, worded, handed on; each step is one claim and one write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from app.core.database import Conn
from app.domain.alerts import AlertReason, Tier
from app.domain.detections import DetectionKind, MarketChange
from app.domain.episodes import LATE, LastAlert
from app.domain.ids import NAMESPACE
from app.store.detections import WaitingDetection
from app.store.notify_channel import Channel, tell

_MAX_REASON = 400


@dataclass(frozen=True, slots=True)
class AlertToWord:
    """An alert without text yet, with the names and numbers that its text is made of."""

    id: UUID
    kind: DetectionKind
    tier: Tier
    reason: AlertReason
    numbers: Mapping[str, Any]


async def read_last(conn: Conn, episode_id: UUID, kind: DetectionKind) -> LastAlert | None:
    """Return what an episode's newest alert said; None when it has none.

    Those that were taken back before anybody heard of them do not count.

    Args:
        kind: whose strength is asked for: that of a move says nothing of a spike's.
    """
    row = await conn.fetchrow(
        """
        WITH said AS (
            SELECT * FROM alpha.alerts
            WHERE episode_id = $1 AND (retracted_at IS NULL OR notified_at IS NOT NULL)
        )
        SELECT a.id, a.root_alert_id,
            (SELECT max(strength) FROM said WHERE kind = $2) AS strength,
            (SELECT array_agg(DISTINCT m.market_id) FROM alpha.alert_markets m
             JOIN said ON said.id = m.alert_id) AS markets
        FROM said a
        ORDER BY EXISTS (SELECT FROM said later WHERE later.replaces_id = a.id),
            a.decided_at DESC, a.id DESC LIMIT 1
        """,
        episode_id,
        kind,
    )
    if row is None:
        return None
    return LastAlert(row["id"], row["root_alert_id"], row["strength"], set(row["markets"] or ()))


async def insert_alert(
    conn: Conn,
    detection: WaitingDetection,
    reason: AlertReason,
    *,
    replaces: LastAlert | None,
    is_shadow: bool,
    now: datetime,
) -> UUID:
    """Insert an unexplained alert about a detection with the markets it covers.

    An update also covers what its predecessors did, from the prices before the whole
    episode to the latest ones.
    """
    key = f"{detection.dedupe_key}:{Tier.UNEXPLAINED}:{reason}"
    alert_id = uuid5(NAMESPACE, f"alert:{key}")
    await conn.execute(
        """
        INSERT INTO alpha.alerts (id, dedupe_key, episode_id, event_id, detection_id,
            root_alert_id, replaces_id, reason, tier, kind, strength, started_at, decided_at,
            expires_at, is_shadow)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'unexplained', $9, $10,
            least($11, (SELECT started_at FROM alpha.alerts WHERE id = $6)), $12, $13, $14)
        """,
        alert_id,
        key,
        detection.episode_id,
        detection.event_id,
        detection.id,
        replaces.root_id if replaces else alert_id,
        replaces.id if replaces else None,
        reason,
        detection.kind,
        detection.strength,
        detection.started_at,
        now,
        now + LATE,
        is_shadow,
    )
    await _insert_markets(conn, alert_id, detection.markets, detection.market_id)
    if replaces is not None:
        await _carry_markets(conn, alert_id, replaces.id)
    await tell(conn, Channel.ALERTS)
    return alert_id


async def _insert_markets(
    conn: Conn, alert_id: UUID, markets: Sequence[MarketChange], subject: UUID
) -> None:
    await conn.executemany(
        """
        INSERT INTO alpha.alert_markets (alert_id, market_id, is_subject, price_before, bid_before,
            ask_before, price_now, bid, ask, as_of, is_wide, is_stale)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        [
            (
                alert_id,
                change.market_id,
                change.market_id == subject,
                change.before.mark,
                change.before.bid,
                change.before.ask,
                change.now.mark,
                change.now.bid,
                change.now.ask,
                change.as_of,
                change.is_wide,
                change.is_stale,
            )
            for change in sorted(markets, key=lambda each: each.market_id)
        ],
    )


async def _carry_markets(conn: Conn, alert_id: UUID, predecessor_id: UUID) -> None:
    """Take over the predecessor's markets: its prices before, and the newest ones now."""
    await conn.execute(
        """
        INSERT INTO alpha.alert_markets AS mine (alert_id, market_id, is_subject, price_before,
            bid_before, ask_before, price_now, bid, ask, as_of, is_wide, is_stale)
        SELECT $1, old.market_id, false, old.price_before, old.bid_before, old.ask_before,
            CASE WHEN q.as_of < old.as_of OR q.market_id IS NULL THEN old.price_now
                 WHEN old.is_wide OR q.bid IS NULL OR q.ask IS NULL
                 THEN coalesce(q.last, old.price_now)
                 ELSE (q.bid + q.ask) / 2 END,
            CASE WHEN q.as_of >= old.as_of THEN q.bid ELSE old.bid END,
            CASE WHEN q.as_of >= old.as_of THEN q.ask ELSE old.ask END,
            greatest(q.as_of, old.as_of), old.is_wide,
            old.is_stale AND coalesce(q.as_of <= old.as_of, true)
        FROM alpha.alert_markets old LEFT JOIN alpha.market_quotes q USING (market_id)
        WHERE old.alert_id = $2
        ON CONFLICT (alert_id, market_id) DO UPDATE SET price_before = excluded.price_before,
            bid_before = excluded.bid_before, ask_before = excluded.ask_before
        """,
        alert_id,
        predecessor_id,
    )


async def claim_to_word(conn: Conn, *, limit: int) -> list[AlertToWord]:
    """Return alerts without text, oldest first, locked; skips those that are locked.

    Prices before are those of the first alert that covers the market, and so is the time.
    """
    rows = await conn.fetch(
        """
        SELECT a.id, a.kind, a.tier, a.reason, d.observed_at, d.direction,
            CASE WHEN a.kind = 'line_move' AND before.is_covered THEN a.started_at
                 ELSE d.started_at END AS started_at,
            a.reason = 'update' AND before.is_said AS is_again,
            d.numbers, a.strength, e.title AS event,
            m.title AS market, o.name AS outcome, s.price_before, s.price_now, s.is_wide,
            s.is_stale
        FROM alpha.alerts a
        JOIN alpha.detections d ON d.id = a.detection_id
        JOIN alpha.alert_markets s ON s.alert_id = a.id AND s.is_subject
        LEFT JOIN alpha.events e ON e.id = a.event_id
        LEFT JOIN alpha.markets m ON m.id = s.market_id
        LEFT JOIN alpha.market_outcomes o ON o.market_id = s.market_id AND o.position = 0
        CROSS JOIN LATERAL (
            SELECT count(*) > 0 AS is_covered, coalesce(bool_or(b.kind = a.kind), false) AS is_said
            FROM alpha.alert_markets c JOIN alpha.alerts b ON b.id = c.alert_id
            WHERE c.market_id = s.market_id AND b.root_alert_id = a.root_alert_id AND b.id <> a.id
        ) before
        WHERE a.worded_at IS NULL AND a.retracted_at IS NULL
        ORDER BY a.decided_at, a.id LIMIT $1
        FOR NO KEY UPDATE OF a SKIP LOCKED
        """,
        limit,
    )
    return [
        AlertToWord(
            row["id"],
            DetectionKind(row["kind"]),
            Tier(row["tier"]),
            AlertReason(row["reason"]),
            _numbers(row),
        )
        for row in rows
    ]


def _numbers(row: Any) -> dict[str, Any]:
    """Return what a template may use, decimals as text."""
    passed_s = (row["observed_at"] - row["started_at"]).total_seconds()
    found = row["numbers"]
    return {
        "label": _label(row["event"], row["market"], row["outcome"]),
        "event": row["event"],
        "reason": row["reason"],
        "is_again": row["is_again"],
        "direction": row["direction"],
        "before": _text(row["price_before"]),
        "now": _text(row["price_now"]),
        "minutes": max(round(passed_s / 60), 1),
        "strength": _text(row["strength"]),
        "contracts": found.get("contracts", found.get("volume")),
        "times_usual": found.get("times_usual"),
        "is_wide": row["is_wide"],
        "is_stale": row["is_stale"],
    }


def _label(event: str | None, market: str | None, outcome: str | None) -> str:
    """Name the outcome whose price this is: `Boston (Boston at Miami)`, else the question."""
    if outcome and outcome not in {"Yes", "No"}:
        return f"{outcome} ({event})" if event and outcome != event else outcome
    return market or event or "A market"


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


async def give_up(conn: Conn, alert_id: UUID, *, reason: str, now: datetime) -> None:
    """Take back an alert that nobody has heard of and that cannot go on, for the record."""
    await conn.execute(
        """
        UPDATE alpha.alerts SET retracted_at = $2, retracted_reason = $3
        WHERE id = $1 AND notified_at IS NULL AND retracted_at IS NULL
        """,
        alert_id,
        now,
        reason[:_MAX_REASON].replace("\x00", "").encode("utf-8", "replace").decode(),
    )
    await tell(conn, Channel.ALERTS)


async def set_words(
    conn: Conn,
    alert: AlertToWord,
    *,
    template: str,
    title: str,
    body: str,
    now: datetime,
) -> None:
    """Store an alert's text and what it was made of."""
    await conn.execute(
        """
        UPDATE alpha.alerts
        SET template = $2, numbers = $3, title = $4, body = $5, worded_at = $6 WHERE id = $1
        """,
        alert.id,
        template,
        dict(alert.numbers),
        title,
        body,
        now,
    )
    await tell(conn, Channel.ALERTS)
