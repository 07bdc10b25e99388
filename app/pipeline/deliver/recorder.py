"""Outcomes on their way into the database: many in one statement, none forgotten."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog

from app.core.crash import Crashes
from app.core.database import Conn
from app.domain.deliveries import DeliveryState
from app.domain.push import PushResult
from app.pipeline.deliver.claim import ClaimedDelivery
from app.pipeline.deliver.pace import Pace
from app.pipeline.deliver.settle import Sent, clean, give_back, pause_of, settle
from app.pipeline.parts import PipelineParts
from app.store import switches
from app.store.deliveries import (
    DeadAddress,
    DeliveryRules,
    Settlement,
    disable_devices,
    record,
)
from app.store.held_lease import DATABASE_AWAY

log = structlog.get_logger()

_AGAIN_S = 0.5  # while the database is away
_BEHIND_S = 1.0  # after which nothing new is claimed


class Recorder:
    """Keeps outcomes until they are in the database."""

    def __init__(self, parts: PipelineParts, pace: Pace, crashes: Crashes) -> None:
        """Begin with nothing."""
        self._parts = parts
        self._pace = pace
        self._crashes = crashes
        self._waiting: list[tuple[Sent | ClaimedDelivery, DeliveryRules]] = []
        self._arrived = asyncio.Event()
        self._flushed_s = parts.clock.monotonic()

    @property
    def is_behind(self) -> bool:
        """Whether outcomes cannot be written, so that sending more would only repeat them."""
        return bool(self._waiting) and self._parts.clock.monotonic() - self._flushed_s > _BEHIND_S

    def add(self, ended: Sent | ClaimedDelivery, rules: DeliveryRules) -> None:
        """Take an attempt that ended, or a claim that is given back."""
        if not self._waiting:
            self._flushed_s = self._parts.clock.monotonic()
        self._waiting.append((ended, rules))
        self._arrived.set()

    async def run(self) -> None:
        """Write what arrives, for ever; while the database is away, try again."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            try:
                await self.flush()
            except DATABASE_AWAY as error:
                self._arrived.set()
                log.warning("outcomes.not_recorded", error=str(error) or type(error).__name__)
                await self._parts.clock.sleep(_AGAIN_S)
            await self._parts.clock.sleep(self._pace.flush_every_s)

    async def flush(self) -> None:
        """Write everything that waits, in one transaction; what fails goes on waiting."""
        batch = self._waiting[:]
        if not batch:
            return
        self._crashes.at("before_record")
        async with self._parts.pool.acquire() as conn, conn.transaction():
            await _pause(conn, self._parts, batch)
            settlements = await _settle_all(conn, self._parts, batch)
            settled = await record(conn, settlements)
        self._crashes.at("recorded")
        del self._waiting[: len(batch)]
        self._flushed_s = self._parts.clock.monotonic()
        _tell(settlements, settled)


async def _settle_all(
    conn: Conn, parts: PipelineParts, batch: Sequence[tuple[Sent | ClaimedDelivery, DeliveryRules]]
) -> list[Settlement]:
    now = parts.clock.now()
    gone = await _disable(conn, parts, [one for one, _ in batch if isinstance(one, Sent)])
    settlements = []
    for one, rules in batch:
        if isinstance(one, ClaimedDelivery):
            settlements.append(give_back(one, now))
            continue
        is_anew = gone.get(one.claimed.due.device_id) is False
        settlements.append(settle(replace(one, is_registered_anew=is_anew), rules))
    return settlements


async def _disable(conn: Conn, parts: PipelineParts, sent: Sequence[Sent]) -> dict[UUID, bool]:
    """Disable the devices that the gateway says are gone."""
    dead = [
        DeadAddress(
            one.claimed.due.device_id,
            one.claimed.decision.address or "",
            one.began_at,
            clean(one.outcome.error) or PushResult.DEVICE_GONE.value,
        )
        for one in sent
        if one.outcome.result is PushResult.DEVICE_GONE
    ]
    if not dead:
        return {}
    return await disable_devices(conn, dead, now=parts.clock.now())


async def _pause(
    conn: Conn, parts: PipelineParts, batch: Sequence[tuple[Sent | ClaimedDelivery, DeliveryRules]]
) -> None:
    """Stop everybody's sending when the gateway wants no more; say when somebody has to act."""
    sent = [(one, rules) for one, rules in batch if isinstance(one, Sent)]
    for error, status in {
        (one.outcome.error, one.outcome.status) for one, _ in sent if one.outcome.is_alarming
    }:
        log.error("push.refused", error=error, status=status)
    pauses = [
        (one.ended_at + pause_of(one.outcome, rules), one.outcome.error)
        for one, rules in sent
        if one.outcome.result is PushResult.PAUSED
    ]
    if pauses:
        until, error = max(pauses, key=lambda pause: pause[0])
        note = clean(error) or "the gateway asks for a pause"
        await switches.pause_push(conn, until=until, now=parts.clock.now(), note=note)
        log.warning("push.paused", until=until.isoformat(), error=error)


def _tell(settlements: Sequence[Settlement], settled: int) -> None:
    """Log in one line what did not go as it should."""
    if settled < len(settlements):
        log.warning("leases.overrun", deliveries=len(settlements) - settled)
    bad = Counter(
        f"{one.state}:{one.reason}"
        for one in settlements
        if one.state is not DeliveryState.ACCEPTED and one.attempt is not None
    )
    if bad:
        log.warning("deliveries.failed", reasons=dict(bad))
