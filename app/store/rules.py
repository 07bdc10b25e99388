"""The rules table: thresholds and policies, written by migrations and operators only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.database import Conn
from app.domain.detectors import Rules, parse_rules


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row; `version` grows with every change of `body`."""

    name: str
    version: int
    body: Mapping[str, object]
    note: str | None
    updated_at: datetime


async def list_rules(conn: Conn) -> list[RuleRow]:
    """List every rule, by name."""
    rows = await conn.fetch(
        "SELECT name, version, body, note, updated_at FROM alpha.rules ORDER BY name"
    )
    return [RuleRow(**dict(row)) for row in rows]


async def read_rules(conn: Conn) -> Rules:
    """Return the detectors' rules.

    Raises:
        ValueError: a row is missing or not as it must be; one line that names it.
    """
    return parse_rules({row.name: (row.version, row.body) for row in await list_rules(conn)})
