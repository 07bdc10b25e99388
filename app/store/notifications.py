"""Notifications: one alert for each person it concerns, in one set-based statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.database import Conn
from app.core.errors import OperatorError
from app.domain.episodes import WORSE
from app.store.notify_channel import Channel, tell

_MEMORY = "64MB"  # a hundred thousand people are sorted without the disk
_AT_MOST_S = 120  # a hundred thousand people take ten seconds, on a busy machine twenty


@dataclass(frozen=True, slots=True)
class FanOut:
    """What a fan-out made."""

    notifications: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class AlertToNotify:
    """A worded alert that nobody was told of; locked until the transaction ends."""

    id: UUID
    expires_at: datetime


async def claim_to_notify(conn: Conn, *, besides: Sequence[UUID] = ()) -> AlertToNotify | None:
    """Return the oldest worded alert that nobody was told of, locked; None when there is none.

    An alert waits until its predecessor was told: who was told of that decides who is told
    of this. One that was taken back before is never told.

    Args:
        besides: alerts that are to be left alone.
    """
    row = await conn.fetchrow(
        """
        SELECT a.id, a.expires_at
        FROM alpha.alerts a LEFT JOIN alpha.alerts p ON p.id = a.replaces_id
        WHERE a.worded_at IS NOT NULL AND a.notified_at IS NULL AND a.retracted_at IS NULL
            AND (p.id IS NULL OR p.notified_at IS NOT NULL OR p.retracted_at IS NOT NULL)
            AND a.id <> ALL ($1)
        ORDER BY a.decided_at, a.id LIMIT 1 FOR NO KEY UPDATE OF a SKIP LOCKED
        """,
        list(besides),
    )
    return None if row is None else AlertToNotify(**dict(row))


async def fan_out(conn: Conn, alert_id: UUID, *, now: datetime) -> FanOut:
    """Tell everybody whom an alert concerns, and hand their devices to the next step.

    Who: whoever holds or follows a market that it covers and was not told in this episode of
    something two thirds as bad; a follow-up also goes to whoever got the original, and a
    correction to whoever got (or may have got) what it takes back, and nobody else.
    What it means for them: the sum over their positions, at the prices they could sell at
    and at mid. Who is not pushed is noted with the reason. Repeating it adds nothing.

    Raises:
        OperatorError: the rule of a priority is missing, so nobody can be told anything.
    """
    await _check_rules(conn)
    await conn.execute(f"SET LOCAL statement_timeout = '{_AT_MOST_S}s'")
    await conn.execute(f"SET LOCAL work_mem = '{_MEMORY}'")
    (made,) = await conn.fetch(_FAN_OUT, alert_id, now, WORSE, timeout=_AT_MOST_S + 5)
    await conn.execute("UPDATE alpha.alerts SET notified_at = $2 WHERE id = $1", alert_id, now)
    if made["deliveries"]:
        await tell(conn, Channel.DELIVERIES)
    return FanOut(made["notifications"], made["deliveries"])


async def _check_rules(conn: Conn) -> None:
    found = await conn.fetchval(
        """
        SELECT count(*) FROM alpha.rules WHERE name IN ('priority:1', 'priority:2')
            AND jsonb_typeof(body->'deadline_s') = 'number'
        """
    )
    if found != 2:
        raise OperatorError("alpha.rules: priority:1 and priority:2 need a deadline_s.")


# Ids are made of the keys (md5, since this schema needs no extension), so a replay makes the
# same ones. A NO contract is worth what a YES is not: its buyers are those who sell YES.
_FAN_OUT = """
WITH alert AS MATERIALIZED (
    SELECT a.*, e.series_id FROM alpha.alerts a LEFT JOIN alpha.events e ON e.id = a.event_id
    WHERE a.id = $1
), covered AS MATERIALIZED (
    SELECT market_id, price_before, price_now, bid, ask, is_wide, is_stale,
        price_now - price_before AS mid_change, bid - bid_before AS bid_change,
        ask_before - ask AS ask_change
    FROM alpha.alert_markets WHERE alert_id = $1
), position AS (
    SELECT p.user_id, p.market_id, p.side, p.contracts, c.price_before, c.price_now, c.bid, c.ask,
        c.is_wide, c.is_stale,
        p.contracts * CASE p.side WHEN 'yes' THEN c.bid_change ELSE c.ask_change END AS usd,
        p.contracts * CASE p.side WHEN 'yes' THEN c.mid_change ELSE -c.mid_change END AS mid_usd,
        p.contracts * CASE p.side WHEN 'yes' THEN c.price_before ELSE 1 - c.price_before END AS was
    FROM covered c JOIN alpha.positions p USING (market_id)
), held AS (
    SELECT user_id,
        CASE WHEN bool_and(usd IS NOT NULL) AND abs(sum(usd)) < 1e16 THEN sum(usd) END AS usd,
        CASE WHEN bool_and(mid_usd IS NOT NULL) AND abs(sum(mid_usd)) < 1e16
            THEN sum(mid_usd) END AS mid_usd,
        CASE WHEN bool_and(was IS NOT NULL) AND sum(was) < 1e16 THEN sum(was) END AS was,
        bool_or(is_wide) AS is_wide, bool_or(is_stale) AS is_stale,
        jsonb_agg(jsonb_build_object('market_id', market_id, 'side', side, 'contracts', contracts,
            'before', price_before, 'now', price_now, 'bid', bid, 'ask', ask,
            'impact_usd', usd, 'impact_mid_usd', mid_usd) ORDER BY market_id, side) AS positions
    FROM position GROUP BY user_id
), followed AS (
    SELECT user_id, bool_or(is_push) AS is_push FROM (
        SELECT f.user_id, f.is_push FROM covered c
        JOIN alpha.follows f ON f.target_id = c.market_id AND f.kind = 'market'
        UNION ALL SELECT f.user_id, f.is_push FROM alert
        JOIN alpha.follows f ON f.target_id = alert.event_id AND f.kind = 'event'
        UNION ALL SELECT f.user_id, f.is_push FROM alert
        JOIN alpha.follows f ON f.target_id = alert.series_id AND f.kind = 'series'
    ) every GROUP BY user_id
), owed AS (
    SELECT DISTINCT n.user_id FROM alert JOIN alpha.notifications n
        ON n.episode_id = alert.episode_id AND n.root_alert_id = alert.root_alert_id
    JOIN alpha.deliveries d ON d.notification_id = n.id AND (d.accepted_at IS NOT NULL
        OR d.state IN ('sending', 'unknown') OR d.is_maybe_duplicate)
    WHERE alert.reason = 'follow_up'
        OR alert.reason = 'correction' AND n.alert_id = alert.replaces_id
), told AS (
    SELECT n.user_id, max(abs(coalesce(n.impact_usd, n.impact_mid_usd))) AS usd,
        max(a.strength) FILTER (WHERE a.kind = alert.kind) AS strength,
        bool_or(n.muted_at IS NOT NULL) AS is_muted
    FROM alert JOIN alpha.notifications n ON n.episode_id = alert.episode_id
    JOIN alpha.alerts a ON a.id = n.alert_id GROUP BY n.user_id
), concerned AS (
    SELECT user_id, h.usd, h.mid_usd, h.was, h.is_wide, h.is_stale, h.positions,
        h.user_id IS NOT NULL AS is_holder, f.user_id IS NOT NULL AS is_follower,
        coalesce(f.is_push, false) AS is_push, o.user_id IS NOT NULL AS is_owed,
        coalesce(t.is_muted, false) AS is_muted
    FROM held h FULL JOIN followed f USING (user_id) FULL JOIN owed o USING (user_id)
    LEFT JOIN told t USING (user_id) CROSS JOIN alert
    WHERE o.user_id IS NOT NULL OR alert.reason <> 'correction' AND (t.user_id IS NULL OR CASE
        WHEN coalesce(h.usd, h.mid_usd) IS NOT NULL AND t.usd IS NOT NULL
        THEN abs(coalesce(h.usd, h.mid_usd)) > t.usd
            AND abs(coalesce(h.usd, h.mid_usd)) >= $3 * t.usd
        WHEN t.strength IS NULL THEN alert.kind <> 'volume_spike'
        ELSE alert.strength >= $3 * t.strength END)
), made AS (
    INSERT INTO alpha.notifications (id, alert_id, root_alert_id, user_id, episode_id, priority,
        template, numbers, impact_usd, impact_mid_usd, value_before_usd, is_holder, collapse_id,
        created_at, expires_at, suppressed_reason)
    SELECT md5('notification:' || $1::text || c.user_id)::uuid, $1, alert.root_alert_id,
        c.user_id, alert.episode_id, rule.priority, alert.template,
        alert.numbers || jsonb_build_object('is_holder', c.is_holder, 'is_follower', c.is_follower,
            'positions', coalesce(c.positions, '[]'), 'impact_usd', c.usd,
            'impact_mid_usd', c.mid_usd, 'value_before_usd', c.was,
            'is_wide', coalesce(c.is_wide, (alert.numbers->>'is_wide')::boolean, false),
            'is_stale', coalesce(c.is_stale, (alert.numbers->>'is_stale')::boolean, false)),
        c.usd, c.mid_usd, c.was, c.is_holder,
        left(encode(sha256(convert_to(c.user_id::text || alert.root_alert_id, 'UTF8')), 'hex'), 32),
        $2, alert.decided_at + make_interval(secs => rule.deadline_s),
        CASE WHEN alert.is_shadow THEN 'shadow'
             WHEN NOT device.is_there AND c.is_owed THEN 'no_device'
             WHEN c.is_owed THEN NULL
             WHEN c.is_muted THEN 'muted'
             WHEN NOT coalesce(p.is_push_on, true) THEN 'push_off'
             WHEN alert.kind::text = ANY(p.muted_kinds) THEN 'kind_muted'
             WHEN NOT c.is_holder AND NOT c.is_push THEN 'follow_without_push'
             WHEN c.is_holder AND abs(coalesce(c.usd, c.mid_usd)) < p.min_impact_usd
             THEN 'below_minimum'
             WHEN NOT device.is_there THEN 'no_device' END
    FROM concerned c CROSS JOIN alert
    JOIN alpha.users u ON u.id = c.user_id
    LEFT JOIN alpha.notification_preferences p ON p.user_id = c.user_id
    CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM alpha.devices d
            WHERE d.user_id = c.user_id AND d.disabled_at IS NULL) AS is_there
    ) device
    CROSS JOIN LATERAL (
        SELECT CASE WHEN alert.tier = 'confirmed' AND c.is_holder THEN 1 ELSE 2 END AS priority
    ) class
    CROSS JOIN LATERAL (
        SELECT class.priority, (r.body->>'deadline_s')::float AS deadline_s
        FROM alpha.rules r WHERE r.name = 'priority:' || class.priority
    ) rule
    ORDER BY c.user_id
    ON CONFLICT (alert_id, user_id) DO NOTHING
    RETURNING id, user_id, priority, collapse_id, expires_at, suppressed_reason
), handed AS (
    INSERT INTO alpha.deliveries (id, notification_id, device_id, user_id, alert_id, priority,
        state, collapse_id, created_at, due_at, expires_at)
    SELECT md5('delivery:' || made.id || d.id)::uuid, made.id, d.id, made.user_id, $1,
        made.priority, 'pending', made.collapse_id, $2, $2, made.expires_at
    FROM made JOIN alpha.devices d ON d.user_id = made.user_id AND d.disabled_at IS NULL
    WHERE made.suppressed_reason IS NULL
    ORDER BY d.id
    RETURNING 1
)
SELECT (SELECT count(*) FROM made) AS notifications, (SELECT count(*) FROM handed) AS deliveries
"""
