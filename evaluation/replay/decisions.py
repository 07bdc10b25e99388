"""What was decided and who was told, read from the rows that the pipeline wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.database import Pool


@dataclass(frozen=True, slots=True)
class Told:
    """One person an alert was for, and what became of it."""

    name: str
    is_holder: bool
    outcome: str  # a delivery's state, or why there is none
    title: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """One detection and all that followed from it.

    Attributes:
        reason: of a suppressed detection why, of an alert its place in the chain.
        told: people of the alert that this detection made; of a joined one nobody.
    """

    at: datetime
    market: str
    kind: str
    policy: str
    before: Decimal | None
    now: Decimal | None
    strength: Decimal
    numbers: Mapping[str, Any]
    outcome: str
    reason: str | None
    tier: str | None
    title: str | None
    body: str | None
    told: Sequence[Told]


async def read_decisions(pool: Pool) -> list[Decision]:
    """Return every decision, oldest first, in an order that is the same at every replay."""
    async with pool.acquire() as conn:
        rows = await conn.fetch(_DECISIONS)
        told: dict[UUID, list[Told]] = {}
        for row in await conn.fetch(_TOLD):
            each = dict(row)
            told.setdefault(each.pop("alert_id"), []).append(Told(**each))
    return [_to_decision(dict(row), told) for row in rows]


def _to_decision(row: dict[str, Any], told: Mapping[UUID, Sequence[Told]]) -> Decision:
    alert_id = row.pop("alert_id")
    return Decision(**row, told=told.get(alert_id, ()) if row["outcome"] == "alerted" else ())


_DECISIONS = """
SELECT d.decided_at AS at, coalesce(m.ext_id, d.market_id::text) AS market, d.kind::text, d.policy,
    d.price_before AS before, d.price_now AS now, d.strength, d.numbers,
    coalesce(d.outcome, 'undecided') AS outcome,
    CASE WHEN d.outcome = 'alerted' THEN a.reason::text ELSE d.outcome_reason END AS reason,
    a.tier::text, a.title, a.body, d.alert_id
FROM alpha.detections d
LEFT JOIN alpha.markets m ON m.id = d.market_id
LEFT JOIN alpha.alerts a ON a.id = d.alert_id
ORDER BY d.decided_at, m.ext_id, d.kind, d.id
"""
_TOLD = """
SELECT n.alert_id, coalesce(u.display_name, u.id::text) AS name, n.is_holder,
    coalesce(n.suppressed_reason, d.state::text || coalesce(': ' || d.reason, ''), 'in the inbox')
        AS outcome,
    d.title, d.body
FROM alpha.notifications n
JOIN alpha.users u ON u.id = n.user_id
LEFT JOIN alpha.deliveries d ON d.notification_id = n.id
ORDER BY n.alert_id, u.display_name, u.id, d.id
"""
