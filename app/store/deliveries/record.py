"""What became of attempts, written in batches; only who holds the lease changes a delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.database import Conn
from app.domain.deliveries import DeliveryState


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of the gateway, as it is kept.

    Attributes:
        outcome: a `PushResult`, or `lost` when the process that made it died.
        detail: the gateway's word for what was wrong.
    """

    number: int
    outcome: str
    began_at: datetime
    ended_at: datetime
    status: int | None = None
    detail: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a delivery is after a lease, and the attempt that was made under it, if any.

    Attributes:
        is_counted: whether the attempt counts towards the most that are made.
        due_at: when it is looked at again; None = unchanged.
    """

    id: UUID
    token: UUID
    state: DeliveryState
    reason: str | None = None
    due_at: datetime | None = None
    is_counted: bool = True
    is_maybe_duplicate: bool = False
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class DeadAddress:
    """An address that a gateway says is nobody's any more; `sent_at`: when that push began."""

    device_id: UUID
    address: str
    sent_at: datetime
    reason: str


async def record(conn: Conn, settlements: Sequence[Settlement]) -> int:
    """Settle deliveries whose lease is still the given one, and keep every attempt.

    Repeating it, as after a connection that broke, changes nothing.

    Returns:
        How many were ours to settle.
    """
    rows = sorted(settlements, key=lambda one: one.id)
    attempts = [(one.id, one.attempt) for one in rows if one.attempt is not None]
    settled: int = await conn.fetchval(
        _RECORD,
        [one.id for one in rows],
        [one.token for one in rows],
        [one.state.value for one in rows],
        [one.reason for one in rows],
        [one.due_at for one in rows],
        [one.is_counted for one in rows],
        [one.is_maybe_duplicate for one in rows],
        [one.attempt.ended_at if one.attempt else None for one in rows],
        [one.attempt.message_id if one.attempt else None for one in rows],
        [delivery_id for delivery_id, _ in attempts],
        [attempt.number for _, attempt in attempts],
        [attempt.outcome for _, attempt in attempts],
        [attempt.status for _, attempt in attempts],
        [attempt.detail for _, attempt in attempts],
        [attempt.message_id for _, attempt in attempts],
        [attempt.began_at for _, attempt in attempts],
        [attempt.ended_at for _, attempt in attempts],
    )
    return settled


async def disable_devices(
    conn: Conn, dead: Sequence[DeadAddress], *, now: datetime
) -> dict[UUID, bool]:
    """Disable devices that still have the dead address and registered it before the push.

    Returns:
        By device, whether it is worth nothing now; False = it has registered anew since.
    """
    rows = await conn.fetch(
        _DISABLE,
        [one.device_id for one in dead],
        [one.address for one in dead],
        [one.sent_at for one in dead],
        [one.reason for one in dead],
        now,
    )
    return {row["id"]: row["is_gone"] for row in rows}


_RECORD = """
WITH settled AS (
    UPDATE alpha.deliveries d SET
        state = s.state::alpha.delivery_state,
        reason = s.reason,
        due_at = coalesce(s.due_at, d.due_at),
        attempts = d.attempts - (NOT s.is_counted)::int,
        is_maybe_duplicate = d.is_maybe_duplicate OR s.is_maybe_duplicate,
        accepted_at = CASE WHEN s.state = 'accepted' THEN s.ended_at ELSE d.accepted_at END,
        gateway_message_id = coalesce(s.message_id, d.gateway_message_id),
        lease_token = NULL,
        lease_until = NULL
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::bool[],
        $7::bool[], $8::timestamptz[], $9::text[])
        AS s (id, token, state, reason, due_at, is_counted, is_maybe_duplicate, ended_at,
            message_id)
    WHERE d.id = s.id AND d.lease_token = s.token
    RETURNING 1
), kept AS (
    INSERT INTO alpha.delivery_attempts (delivery_id, attempt, outcome, status, detail,
        gateway_message_id, began_at, ended_at)
    SELECT t.* FROM unnest($10::uuid[], $11::smallint[], $12::text[], $13::int[], $14::text[],
        $15::text[], $16::timestamptz[], $17::timestamptz[])
        AS t (delivery_id, attempt, outcome, status, detail, message_id, began_at, ended_at)
    JOIN alpha.deliveries d ON d.id = t.delivery_id
    WHERE NOT EXISTS (
        SELECT FROM alpha.delivery_attempts known
        WHERE known.delivery_id = t.delivery_id AND known.began_at = t.began_at
            AND known.outcome = t.outcome
    )
)
SELECT count(*) FROM settled
"""

_DISABLE = """
WITH said AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[])
        AS s (id, address, sent_at, reason)
), disabled AS (
    UPDATE alpha.devices d SET disabled_at = $5, disabled_reason = said.reason FROM said
    WHERE d.id = said.id AND d.address = said.address AND d.registered_at < said.sent_at
        AND d.disabled_at IS NULL
    RETURNING d.id
)
SELECT said.id, d.id IS NULL OR d.disabled_at IS NOT NULL
    OR EXISTS (SELECT FROM disabled WHERE disabled.id = said.id) AS is_gone
FROM said LEFT JOIN alpha.devices d ON d.id = said.id
"""
