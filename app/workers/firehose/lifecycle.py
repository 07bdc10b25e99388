"""Announcements of the stream, kept: stored and applied before the stream goes on."""

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg
import msgspec
import structlog

from app.core.database import Conn
from app.domain.catalogue import Reject
from app.domain.lifecycle_events import LifecycleEvent, Subject
from app.store.held_lease import DATABASE_AWAY, HeldLease
from app.store.lifecycle import record_events
from app.store.rejects import record_rejects
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.reconcile import Reconciler

log = structlog.get_logger()
T = TypeVar("T")

BATCH = 1_000
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0
_REFUSED = (
    ValueError,
    TypeError,
    OverflowError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
)


class LifecycleKeeper:
    """Stores announcements under the lease; what needs a request goes to the reconciler."""

    def __init__(self, parts: FirehoseParts, lease: HeldLease, reconciler: Reconciler) -> None:
        """Join the parts of one reign."""
        self._clock = parts.clock
        self._lease = lease
        self._reconciler = reconciler

    async def store(self, events: Sequence[LifecycleEvent]) -> None:
        """Store announcements; return when they are safe, however long the database is away.

        One that cannot be stored costs only itself, and its market is asked for.

        Raises:
            LeaseLost: another holder takes over, and asks for what was not stored.
        """
        for start in range(0, len(events), BATCH):
            await self._store(events[start : start + BATCH])

    async def _store(self, events: Sequence[LifecycleEvent]) -> None:
        try:
            recorded = await self._write(
                lambda conn: record_events(conn, events, now=self._clock.now())
            )
        except _REFUSED as error:
            await self._store_halves(events, error)
            return
        self._reconciler.want(recorded.unknown)
        self._reconciler.recheck(recorded.doubtful)
        self._reconciler.want_events(recorded.events)

    async def _store_halves(self, events: Sequence[LifecycleEvent], error: Exception) -> None:
        """Find the announcement that cannot be stored, and store the others."""
        middle = len(events) // 2
        if middle:
            await self._store(events[:middle])
            await self._store(events[middle:])
            return
        (event,) = events
        log.warning("announcement.refused", ext_id=event.ext_id, reason=str(error))
        reject = _to_reject(event, error)
        await self._write(lambda conn: record_rejects(conn, [reject], now=self._clock.now()))
        if event.subject is Subject.MARKET:
            self._reconciler.recheck([event.ext_id])

    async def _write(self, write: Callable[[Conn], Awaitable[T]]) -> T:
        """Write in one fenced transaction, again and again while the database is away."""
        ceiling_s = _FIRST_WAIT_S
        while True:
            try:
                async with self._lease.transaction() as conn:
                    return await write(conn)
            except _REFUSED:
                raise
            except DATABASE_AWAY as error:
                log.warning("database.unavailable", error=str(error) or "timeout")
            await self._clock.sleep(random.uniform(0, ceiling_s))
            ceiling_s = min(2 * ceiling_s, _LONGEST_WAIT_S)


def _to_reject(event: LifecycleEvent, error: Exception) -> Reject:
    try:
        raw = msgspec.json.encode(event.payload).decode()
    except (ValueError, TypeError):
        raw = repr(event.payload)
    return Reject(str(event.exchange), "announcement", event.ext_id, str(error), raw)
