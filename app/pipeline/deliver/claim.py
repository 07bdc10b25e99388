"""Claim due deliveries: lock, look again at everything, take a lease, all in one transaction."""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from app.core.database import Conn
from app.domain.caps import Push
from app.domain.deliveries import DeliveryState
from app.domain.push import DeviceKind
from app.pipeline.deliver.decide import as_push, decide
from app.pipeline.deliver.pace import Pace
from app.pipeline.parts import PipelineParts
from app.store import switches
from app.store.deliveries import (
    Decision,
    DeliveryRules,
    DueDelivery,
    PriorityRule,
    apply_decisions,
    list_recent_pushes,
    lock_due,
    read_delivery_rules,
)

log = structlog.get_logger()

GATEWAY_KINDS = (DeviceKind.FCM_TOKEN, DeviceKind.FCM_FID)  # Apple's own comes with its gateway


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that is ours for the length of a lease.

    Attributes:
        begin_by_s: when sending has to have begun, on the clock's `monotonic`.
    """

    due: DueDelivery
    decision: Decision
    rule: PriorityRule
    token: UUID
    begin_by_s: float

    @property
    def attempt(self) -> int:
        """The number of the attempt that this claim is for."""
        return self.due.attempts + 1


@dataclass(frozen=True, slots=True)
class Claim:
    """What one claim brought.

    Attributes:
        found: how many deliveries were due, those included that are not sent.
    """

    found: int
    rules: DeliveryRules | None = None
    deliveries: Sequence[ClaimedDelivery] = ()


NOTHING = Claim(0)


async def claim_due(parts: PipelineParts, pace: Pace) -> Claim:
    """Claim the most urgent due deliveries; nothing during a pause or without a gateway."""
    if parts.push is None:
        return NOTHING
    now, begin_by_s = parts.clock.now(), parts.clock.monotonic() + pace.begin_within_s
    async with parts.pool.acquire() as conn:
        turned_on = await switches.read_on(conn, now=now)
        if switches.PAUSE_PUSH in turned_on:
            return NOTHING
        rules = await read_delivery_rules(conn)
        token = uuid4()
        async with conn.transaction():
            due = await lock_due(
                conn,
                now=now,
                limit=pace.batch,
                seen_since=now - rules.unseen,
                kinds=GATEWAY_KINDS,
            )
            if not due:
                return NOTHING
            sent = await _recent_pushes(conn, due, rules, now)
            decisions = _decide_all(due, rules, turned_on, sent, now)
            await apply_decisions(
                conn, decisions, token=token, now=now, lease_until=now + pace.lease
            )
    _tell(decisions)
    claimed = [
        ClaimedDelivery(one, decision, rules.priorities[one.priority], token, begin_by_s)
        for one, decision in zip(due, decisions, strict=True)
        if decision.state is DeliveryState.SENDING
    ]
    return Claim(len(due), rules, claimed)


async def _recent_pushes(
    conn: Conn, due: Sequence[DueDelivery], rules: DeliveryRules, now: datetime
) -> dict[UUID, list[Push]]:
    """List what the people got for whom caps count."""
    users = {
        one.user_id
        for one in due
        if one.stopped_by is None
        and not one.is_owed
        and rules.priorities[one.priority].caps.are_any
    }
    return await list_recent_pushes(conn, users, now=now) if users else {}


def _decide_all(
    due: Sequence[DueDelivery],
    rules: DeliveryRules,
    turned_on: Set[str],
    sent: dict[UUID, list[Push]],
    now: datetime,
) -> list[Decision]:
    """Decide one after the other: what is sent counts for what comes after it."""
    decisions = []
    for one in due:
        theirs = sent.setdefault(one.user_id, [])
        decision = decide(one, rules, turned_on, theirs, now=now)
        if decision.state is DeliveryState.SENDING:
            theirs.append(as_push(one, now))
        decisions.append(decision)
    return decisions


def _tell(decisions: Sequence[Decision]) -> None:
    """Log in one line what is not sent, and why."""
    silent = Counter(f"{one.state}:{one.reason}" for one in decisions if one.reason)
    if silent:
        log.info("deliveries.withheld", reasons=dict(silent))
