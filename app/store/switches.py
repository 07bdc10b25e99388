"""Switches: what an operator, or a gateway that asks for a pause, has turned on.

Names: `shadow:<kind>:<tier>` (decide and record, do not send), `kill:<kind>`, `kill:confirmed`,
`pause:push` (nothing is sent until then).
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from app.core.database import Conn

PAUSE_PUSH = "pause:push"


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch as it was turned last; `until` None = for good."""

    name: str
    is_on: bool
    until: datetime | None
    note: str | None
    changed_at: datetime


async def read_on(conn: Conn, *, now: datetime) -> Set[str]:
    """Return the names of all switches that are on."""
    rows = await conn.fetch(
        "SELECT name FROM alpha.switches WHERE is_on AND (until IS NULL OR until > $1)", now
    )
    return frozenset(row["name"] for row in rows)


async def is_on(conn: Conn, name: str, *, now: datetime) -> bool:
    """Tell whether one switch is on."""
    return name in await read_on(conn, now=now)


async def list_switches(conn: Conn) -> list[Switch]:
    """List every switch that was ever turned, by name."""
    rows = await conn.fetch(
        "SELECT name, is_on, until, note, changed_at FROM alpha.switches ORDER BY name"
    )
    return [Switch(**dict(row)) for row in rows]


async def turn(
    conn: Conn,
    name: str,
    *,
    is_on: bool,
    now: datetime,
    until: datetime | None = None,
    note: str | None = None,
) -> None:
    """Turn a switch on, for good or until a moment, or off."""
    await conn.execute(
        """
        INSERT INTO alpha.switches (name, is_on, until, note, changed_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on, until = excluded.until,
            note = excluded.note, changed_at = excluded.changed_at
        """,
        name,
        is_on,
        until if is_on else None,
        note,
        now,
    )


async def pause_push(conn: Conn, *, until: datetime, now: datetime, note: str) -> None:
    """Stop all sending until a moment; never ends a longer pause, nor an operator's."""
    await conn.execute(
        """
        INSERT INTO alpha.switches AS known (name, is_on, until, note, changed_at)
        VALUES ($1, true, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET is_on = true, until = excluded.until,
            note = excluded.note, changed_at = excluded.changed_at
        WHERE NOT known.is_on OR known.until < excluded.until
        """,
        PAUSE_PUSH,
        until,
        note,
        now,
    )
