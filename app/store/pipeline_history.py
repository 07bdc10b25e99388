"""What the pipeline leaves behind, and how much of it waits or failed."""

from datetime import datetime
from typing import Any

from app.core.database import Conn


async def count_pipeline(conn: Conn) -> dict[str, Any]:
    """Count what there is of each noun; alerts by tier."""
    row = await conn.fetchrow(
        """
        SELECT (SELECT count(*) FROM alpha.signals) AS signals,
            (SELECT count(*) FROM alpha.detections) AS detections,
            (SELECT count(*) FROM alpha.alerts WHERE tier = 'confirmed') AS confirmed,
            (SELECT count(*) FROM alpha.alerts WHERE tier = 'unexplained') AS unexplained,
            (SELECT count(*) FROM alpha.notifications) AS notifications,
            (SELECT count(*) FROM alpha.deliveries WHERE state = 'accepted') AS pushes_accepted
        """
    )
    found = dict(row or {})
    alerts = {tier: found.pop(tier) for tier in ("confirmed", "unexplained")}
    return {**found, "alerts": alerts}


async def read_outbox(conn: Conn, *, now: datetime) -> dict[str, Any]:
    """Return how many pushes are due and since when, and how many failed for good in a day."""
    row = await conn.fetchrow(
        """
        SELECT count(*) FILTER (WHERE due_at <= $1) AS pushes_due,
            extract(epoch FROM $1 - min(due_at))::float AS oldest_due_s,
            (SELECT count(*) FROM alpha.deliveries
             WHERE state = 'dead' AND created_at > $1 - interval '1 day') AS pushes_dead_today
        FROM alpha.deliveries WHERE state IN ('pending', 'retry', 'unknown')
        """,
        now,
    )
    found = dict(row or {})
    found["oldest_due_s"] = round(max(found["oldest_due_s"] or 0, 0), 1)
    return found


async def delete_old_attempts(conn: Conn, *, before: datetime, limit: int) -> int:
    """Forget single attempts of deliveries; what became of each delivery stays."""
    done = await conn.execute(
        """
        DELETE FROM alpha.delivery_attempts WHERE id IN (
            SELECT id FROM alpha.delivery_attempts WHERE ended_at < $1 LIMIT $2
        )
        """,
        before,
        limit,
    )
    return int(done.split()[-1])


async def delete_old_baselines(conn: Conn, *, limit: int) -> int:
    """Forget the habits of markets that are over."""
    done = await conn.execute(
        """
        DELETE FROM alpha.market_baselines WHERE market_id IN (
            SELECT b.market_id FROM alpha.market_baselines b
            JOIN alpha.markets m ON m.id = b.market_id
            WHERE m.status = 'settled' OR m.is_deleted LIMIT $1
        )
        """,
        limit,
    )
    return int(done.split()[-1])
