"""Deliveries whose time has come, with all that is needed to decide about them once more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from app.core.database import Conn
from app.domain.caps import DAY, Push
from app.domain.deliveries import DeliveryState

_STANDSTILL = "5s"  # a process that stands still with rows locked loses them after this


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """One delivery as it stands now, in a transaction that has it locked.

    Attributes:
        attempts: how many were made.
        lost_answers: how many of them the gateway never answered.
        market_id: the market that the alert is about.
        alert_reason: why the alert was made; follow-ups and corrections are owed, not offered.
        stopped_by: why it must not be sent, as far as rows say; None = they do not object.
        kind, address: of the device, None when it is gone.
    """

    id: UUID
    notification_id: UUID
    device_id: UUID
    user_id: UUID
    alert_id: UUID
    priority: int
    attempts: int
    is_maybe_duplicate: bool
    collapse_id: str
    expires_at: datetime
    lost_answers: int
    episode_id: UUID
    market_id: UUID
    alert_kind: str
    tier: str
    alert_reason: str
    template: str
    numbers: Mapping[str, Any]
    stopped_by: str | None
    zone: str
    quiet_from: time | None
    quiet_to: time | None
    is_protect_quiet: bool
    is_held_when_quiet: bool
    show_amounts: bool
    kind: str | None
    address: str | None

    @property
    def is_owed(self) -> bool:
        """Whether it completes or takes back what this person was told."""
        return self.alert_reason in {"follow_up", "correction"}


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a due delivery: `sending` with its text and address, or why not.

    Attributes:
        due_at: when it is looked at again; None = unchanged.
    """

    id: UUID
    state: DeliveryState
    reason: str | None = None
    due_at: datetime | None = None
    title: str | None = None
    body: str | None = None
    address: str | None = None


async def lock_due(
    conn: Conn, *, now: datetime, limit: int, seen_since: datetime, kinds: Collection[str]
) -> list[DueDelivery]:
    """Lock the most urgent due deliveries and their people; skip what others have locked.

    People are locked so that two processes cannot both find room under one person's cap. Call
    it first in a transaction: what is read after it is at least as new as the locks.

    Args:
        seen_since: devices last seen before are left alone.
        kinds: the kinds of devices that there is a gateway for.
    """
    await conn.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{_STANDSTILL}'")
    rows = await conn.fetch(_DUE, now, limit, seen_since, list(kinds))
    return [DueDelivery(**dict(row)) for row in rows]


async def list_recent_pushes(
    conn: Conn, users: Collection[UUID], *, now: datetime
) -> dict[UUID, list[Push]]:
    """List what people got in the last day, or are getting: one entry a notification."""
    rows = await conn.fetch(_RECENT, list(users), now, now - DAY)
    found: dict[UUID, list[Push]] = {}
    for row in rows:
        push = Push(row["notification_id"], row["priority"], row["market_id"], row["at"])
        found.setdefault(row["user_id"], []).append(push)
    return found


async def apply_decisions(
    conn: Conn, decisions: Sequence[Decision], *, token: UUID, now: datetime, lease_until: datetime
) -> None:
    """Write decisions about deliveries that are locked; those to send get the lease."""
    ordered = sorted(decisions, key=lambda decision: decision.id)
    await conn.execute(
        _APPLY,
        [one.id for one in ordered],
        [one.state.value for one in ordered],
        [one.reason for one in ordered],
        [one.due_at for one in ordered],
        [one.title for one in ordered],
        [one.body for one in ordered],
        [one.address for one in ordered],
        token,
        lease_until,
        now,
    )


_DUE = """
WITH due AS MATERIALIZED (
    SELECT id, notification_id, device_id, user_id, alert_id, priority, attempts, due_at,
        is_maybe_duplicate, collapse_id, expires_at
    FROM alpha.deliveries
    WHERE state IN ('pending', 'retry') AND due_at <= $1
    ORDER BY priority, due_at, id LIMIT $2
    FOR UPDATE SKIP LOCKED
)
SELECT due.id, due.notification_id, due.device_id, due.user_id, due.alert_id, due.priority,
    due.attempts, due.is_maybe_duplicate, due.collapse_id, due.expires_at,
    CASE WHEN due.is_maybe_duplicate THEN (
        SELECT count(*) FROM alpha.delivery_attempts t
        WHERE t.delivery_id = due.id AND t.outcome = 'unknown'
    ) ELSE 0 END AS lost_answers,
    n.episode_id, det.market_id, a.kind::text AS alert_kind, a.tier::text,
    a.reason::text AS alert_reason, n.template, n.numbers,
    CASE
        WHEN a.retracted_at IS NOT NULL THEN 'retracted'
        WHEN a.is_shadow THEN 'shadow'
        WHEN dev.id IS NULL THEN 'device_removed'
        WHEN dev.user_id <> due.user_id THEN 'device_moved'
        WHEN dev.disabled_at IS NOT NULL THEN 'device_disabled'
        WHEN dev.last_seen_at < $3 THEN 'device_unseen'
        WHEN dev.kind::text <> ALL ($4::text[]) THEN 'no_gateway'
        WHEN NOT coalesce(p.is_push_on, true) THEN 'push_off'
        WHEN a.reason IN ('follow_up', 'correction') THEN NULL
        WHEN a.kind::text = ANY (p.muted_kinds) THEN 'kind_muted'
        WHEN n.is_holder AND abs(coalesce(n.impact_usd, n.impact_mid_usd)) < p.min_impact_usd
        THEN 'below_minimum'
        WHEN EXISTS (
            SELECT FROM alpha.notifications m WHERE m.episode_id = n.episode_id
                AND m.user_id = due.user_id AND m.muted_at IS NOT NULL
        ) THEN 'muted'
        WHEN NOT EXISTS (
            SELECT FROM alpha.alert_markets c JOIN alpha.positions h
                ON h.market_id = c.market_id AND h.user_id = due.user_id
            WHERE c.alert_id = due.alert_id
        ) AND NOT EXISTS (
            SELECT FROM alpha.follows f WHERE f.user_id = due.user_id AND f.is_push AND (
                f.kind = 'market' AND f.target_id IN (
                    SELECT c.market_id FROM alpha.alert_markets c WHERE c.alert_id = due.alert_id)
                OR f.kind = 'event' AND f.target_id = a.event_id
                OR f.kind = 'series' AND f.target_id = (
                    SELECT e.series_id FROM alpha.events e WHERE e.id = a.event_id))
        ) THEN CASE WHEN n.is_holder THEN 'sold' ELSE 'unfollowed' END
    END AS stopped_by,
    u.timezone AS zone, p.quiet_from, p.quiet_to,
    coalesce(p.is_protect_quiet, false) AS is_protect_quiet,
    coalesce(p.is_held_when_quiet, true) AS is_held_when_quiet,
    coalesce(p.show_amounts, false) AS show_amounts,
    dev.kind::text, dev.address
FROM due
JOIN alpha.users u ON u.id = due.user_id
JOIN alpha.notifications n ON n.id = due.notification_id
JOIN alpha.alerts a ON a.id = due.alert_id
JOIN alpha.detections det ON det.id = a.detection_id
LEFT JOIN alpha.notification_preferences p ON p.user_id = due.user_id
LEFT JOIN alpha.devices dev ON dev.id = due.device_id
ORDER BY due.priority, due.due_at, due.id
FOR NO KEY UPDATE OF u SKIP LOCKED
"""

_RECENT = """
SELECT d.user_id, d.notification_id, d.priority, det.market_id, max(d.at) AS at
FROM (
    SELECT user_id, notification_id, alert_id, priority, accepted_at AS at FROM alpha.deliveries
    WHERE state = 'accepted' AND user_id = ANY ($1) AND accepted_at > $3
    UNION ALL
    SELECT user_id, notification_id, alert_id, priority, $2 FROM alpha.deliveries
    WHERE state = 'sending' AND user_id = ANY ($1)
) d
JOIN alpha.alerts a ON a.id = d.alert_id
JOIN alpha.detections det ON det.id = a.detection_id
GROUP BY d.user_id, d.notification_id, d.priority, det.market_id
"""

_APPLY = """
UPDATE alpha.deliveries d SET
    state = s.state::alpha.delivery_state,
    reason = s.reason,
    due_at = coalesce(s.due_at, d.due_at),
    title = coalesce(s.title, d.title),
    body = coalesce(s.body, d.body),
    address = coalesce(s.address, d.address),
    attempts = d.attempts + (s.state = 'sending')::int,
    sent_at = CASE WHEN s.state = 'sending' THEN $10 ELSE d.sent_at END,
    lease_token = CASE WHEN s.state = 'sending' THEN $8::uuid END,
    lease_until = CASE WHEN s.state = 'sending' THEN $9::timestamptz END
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[],
    $7::text[]) AS s (id, state, reason, due_at, title, body, address)
WHERE d.id = s.id
"""
