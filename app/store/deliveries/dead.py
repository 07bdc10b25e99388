"""What an operator sees of deliveries that ended badly, and sending them once more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.database import Conn
from app.store.notify_channel import Channel, tell


async def list_dead(conn: Conn, *, limit: int) -> list[dict[str, Any]]:
    """List the newest deliveries that are dead or whose outcome stayed unknown."""
    rows = await conn.fetch(
        """
        SELECT id, state::text, reason, attempts, priority, alert_id, created_at, sent_at,
            expires_at
        FROM alpha.deliveries WHERE state IN ('dead', 'unknown')
        ORDER BY created_at DESC, id LIMIT $1
        """,
        limit,
    )
    return [dict(row) for row in rows]


async def count_states(conn: Conn) -> list[dict[str, Any]]:
    """Count deliveries by state and, where there is one, reason."""
    rows = await conn.fetch(
        """
        SELECT state::text, reason, count(*) AS deliveries, max(created_at) AS newest
        FROM alpha.deliveries GROUP BY state, reason ORDER BY state, deliveries DESC, reason
        """
    )
    return [dict(row) for row in rows]


async def show_delivery(conn: Conn, delivery_id: UUID) -> dict[str, Any] | None:
    """Return one delivery with its attempts, oldest first, without the address; None = no such."""
    row = await conn.fetchrow(
        """
        SELECT id, state::text, reason, attempts, is_maybe_duplicate, priority, notification_id,
            alert_id, device_id, collapse_id, created_at, due_at, expires_at, sent_at, accepted_at,
            title, body, gateway_message_id
        FROM alpha.deliveries WHERE id = $1
        """,
        delivery_id,
    )
    if row is None:
        return None
    attempts = await conn.fetch(
        """
        SELECT attempt, outcome, status, detail, gateway_message_id, began_at, ended_at
        FROM alpha.delivery_attempts WHERE delivery_id = $1 ORDER BY began_at, id
        """,
        delivery_id,
    )
    return {**dict(row), "tries": [dict(attempt) for attempt in attempts]}


async def redrive(
    conn: Conn, *, now: datetime, delivery_ids: Sequence[UUID] | None = None
) -> list[UUID]:
    """Make dead and unknown deliveries due again, all or the given ones; return which.

    Those that have expired stay as they are: late news is worse than none. Everything is
    decided anew when they are claimed, so what no longer concerns anybody is not sent.
    """
    rows = await conn.fetch(
        """
        UPDATE alpha.deliveries SET state = 'pending', reason = NULL, attempts = 0, due_at = $1
        WHERE state IN ('dead', 'unknown') AND expires_at > $1
            AND ($2::uuid[] IS NULL OR id = ANY ($2))
        RETURNING id
        """,
        now,
        None if delivery_ids is None else list(delivery_ids),
    )
    if rows:
        await tell(conn, Channel.DELIVERIES)
    return sorted(row["id"] for row in rows)
