"""Devices that will never be sent to again."""

from datetime import datetime

from app.core.database import Conn


async def delete_gone_devices(conn: Conn, *, before: datetime, limit: int) -> int:
    """Forget the addresses of devices that were disabled before a moment; return how many."""
    done = await conn.execute(
        """
        DELETE FROM alpha.devices WHERE id IN (
            SELECT id FROM alpha.devices WHERE disabled_at < $1 LIMIT $2
        )
        """,
        before,
        limit,
    )
    return int(done.split()[-1])
