"""Announcements that wait for their market, and those nobody asks for any more."""

from datetime import datetime

from app.core.database import Conn
from app.domain.types import Exchange


async def list_waiting(
    conn: Conn, exchange: Exchange, *, since: datetime, limit: int
) -> dict[str, bool]:
    """List the markets with announcements not applied that came after `since`.

    Returns:
        By `ext_id`: whether the catalogue has the market by now. Those it has come first.
    """
    rows = await conn.fetch(
        """
        SELECT ext_id, EXISTS (
            SELECT FROM alpha.markets market
            WHERE market.exchange = $1 AND market.ext_id = waiting.ext_id AND NOT is_deleted
        ) AS is_known
        FROM (
            SELECT DISTINCT ext_id FROM alpha.lifecycle_events
            WHERE exchange = $1 AND applied_at IS NULL AND subject = 'market' AND received_at >= $2
        ) waiting
        ORDER BY is_known DESC, ext_id LIMIT $3
        """,
        exchange,
        since,
        limit,
    )
    return {row["ext_id"]: row["is_known"] for row in rows}


async def delete_old_events(conn: Conn, *, before: datetime, limit: int) -> int:
    """Delete at most `limit` announcements that came before `before`; return how many.

    Those still waiting go too: their market never came.
    """
    status: str = await conn.execute(
        """
        DELETE FROM alpha.lifecycle_events WHERE id IN (
            SELECT id FROM alpha.lifecycle_events WHERE received_at < $1
            ORDER BY received_at LIMIT $2
        )
        """,
        before,
        limit,
    )
    return int(status.split()[-1])
