"""How far readers of Redis streams have come; a cursor moves in the transaction of its work.

A position is the id of the last entry whose work is done: `milliseconds-number`, by the
clock of Redis.
"""

from datetime import UTC, datetime

from app.core.database import Conn

BEGINNING = "0-0"


async def read_cursor(conn: Conn, name: str) -> str:
    """Return the position of a reader; `BEGINNING` when it never read."""
    position: str | None = await conn.fetchval(
        "SELECT position FROM alpha.stream_cursors WHERE name = $1", name
    )
    return position or BEGINNING


async def read_cursor_time(conn: Conn, name: str) -> datetime | None:
    """Return when the newest entry that was worked off was written; None when none was."""
    position = await read_cursor(conn, name)
    return None if position == BEGINNING else entry_time(position)


async def lock_cursor(conn: Conn, name: str) -> str:
    """Return the position; until the transaction ends nobody else can move it."""
    await conn.execute(
        """
        INSERT INTO alpha.stream_cursors (name, position) VALUES ($1, $2) ON CONFLICT DO NOTHING
        """,
        name,
        BEGINNING,
    )
    position: str = await conn.fetchval(
        "SELECT position FROM alpha.stream_cursors WHERE name = $1 FOR UPDATE", name
    )
    return position


async def move_cursor(conn: Conn, name: str, position: str, *, now: datetime) -> None:
    """Set the position; call it under `lock_cursor`, in the transaction of the work."""
    await conn.execute(
        "UPDATE alpha.stream_cursors SET position = $2, updated_at = $3 WHERE name = $1",
        name,
        position,
        now,
    )


def entry_time(position: str) -> datetime:
    """Return when an entry was written, by the clock of Redis."""
    return datetime.fromtimestamp(int(position.partition("-")[0]) / 1_000, UTC)
