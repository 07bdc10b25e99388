"""The lease of a firehose: taken, kept, checked before every write, lost in time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg
import structlog

from app.core.clock import Clock
from app.core.database import Conn, Pool
from app.core.errors import LeaseLost
from app.store.leases import LeaseGrant, check_fence, release_lease, take_lease

log = structlog.get_logger()

TTL = timedelta(seconds=8)  # a successor may begin after this
RENEW_S = 2.0
GIVE_UP_S = 5.0  # without a renewal we stop, well before a successor begins
RETRY_S = 0.5
DATABASE_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class HeldLease:
    """A lease this process holds; `keep` renews it, everything written under it is fenced."""

    def __init__(self, pool: Pool, clock: Clock, grant: LeaseGrant) -> None:
        """Begin with a lease that was granted just now."""
        self.grant = grant
        self._pool = pool
        self._clock = clock
        self._renewed_s = clock.monotonic()

    @property
    def fence(self) -> int:
        """The fencing token; grows with every holder."""
        return self.grant.fence

    def check(self) -> None:
        """Make sure, by our own reckoning, that nobody else can have begun.

        Raises:
            LeaseLost: the last renewal is too long ago, as after the process stood still.
        """
        if self._clock.monotonic() - self._renewed_s > GIVE_UP_S:
            raise LeaseLost(f"lease {self.grant.name} was not renewed for {GIVE_UP_S:g} s")

    async def keep(self) -> None:
        """Renew for ever.

        Raises:
            LeaseLost: another holder has it, or the database was away for too long.
        """
        while True:
            await self._clock.sleep(RENEW_S if await self._renew() else RETRY_S)
            self.check()

    async def _renew(self) -> bool:
        asked_s = self._clock.monotonic()
        try:
            async with self._pool.acquire(timeout=GIVE_UP_S / 2) as conn:
                grant = await take_lease(conn, self.grant.name, holder=self.grant.holder, ttl=TTL)
        except DATABASE_AWAY as error:
            log.warning("lease.not_renewed", lease=self.grant.name, error=str(error) or "timeout")
            return False
        if grant != self.grant:
            raise LeaseLost(f"lease {self.grant.name} was taken over")
        self._renewed_s = asked_s
        return True

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Conn]:
        """Open a transaction that commits only while the lease is ours.

        Raises:
            LeaseLost: it is not; nothing may be written.
        """
        self.check()
        async with self._pool.acquire() as conn, conn.transaction():
            await check_fence(conn, self.grant)
            yield conn

    async def release(self) -> None:
        """Give it back, so that a successor need not wait; a database that is away will forget."""
        with suppress(*DATABASE_AWAY):
            async with self._pool.acquire(timeout=1) as conn:
                await release_lease(conn, self.grant)


async def try_to_hold(pool: Pool, clock: Clock, name: str, holder: str) -> HeldLease | None:
    """Take the lease if it is free; None while another holder has it."""
    async with pool.acquire() as conn:
        grant = await take_lease(conn, name, holder=holder, ttl=TTL)
    return None if grant is None else HeldLease(pool, clock, grant)
