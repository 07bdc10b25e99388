"""Deliveries whose holder is gone, and those whose time has passed."""

from datetime import datetime

from app.core.database import Conn

_AT_MOST = 1_000


async def return_lost(conn: Conn, *, before: datetime, now: datetime) -> int:
    """Take back deliveries whose lease ended before a moment; return how many.

    Their holder died or stood still, before or after the gateway took them: they go out again
    with the same collapse id, marked as perhaps the second of two. That does not count as an
    attempt, so a delivery is not lost however often its holders die; its expiry ends it.
    """
    done: str = await conn.execute(
        """
        WITH lost AS (
            SELECT id, attempts FROM alpha.deliveries WHERE state = 'sending' AND lease_until < $1
            ORDER BY lease_until LIMIT $3 FOR UPDATE SKIP LOCKED
        ), returned AS (
            UPDATE alpha.deliveries d SET state = 'retry', reason = 'lost', due_at = $2,
                is_maybe_duplicate = true, attempts = d.attempts - 1,
                lease_token = NULL, lease_until = NULL
            FROM lost WHERE d.id = lost.id
            RETURNING d.id, lost.attempts, d.sent_at
        )
        INSERT INTO alpha.delivery_attempts (delivery_id, attempt, outcome, began_at, ended_at)
        SELECT id, attempts, 'lost', sent_at, $2 FROM returned
        """,
        before,
        now,
        _AT_MOST,
    )
    return int(done.split()[-1])


async def expire_late(conn: Conn, *, now: datetime) -> int:
    """Expire what waits beyond its time, for when nothing is claimed; return how many."""
    done: str = await conn.execute(
        """
        WITH late AS (
            SELECT id FROM alpha.deliveries WHERE state IN ('pending', 'retry')
                AND expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        UPDATE alpha.deliveries d SET state = 'expired', reason = 'late'
        FROM late WHERE d.id = late.id
        """,
        now,
        _AT_MOST,
    )
    return int(done.split()[-1])
