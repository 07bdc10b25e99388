"""Leases with a fencing token: who may do a job that only one process may do."""

from dataclasses import dataclass
from datetime import timedelta

from app.core.database import Conn
from app.core.errors import LeaseLost


@dataclass(frozen=True, slots=True)
class LeaseGrant:
    """A lease we hold; every write made under it carries `fence`."""

    name: str
    holder: str
    fence: int


async def take_lease(conn: Conn, name: str, *, holder: str, ttl: timedelta) -> LeaseGrant | None:
    """Take or renew a lease; None while another holder has it.

    The database's clock decides: those of two machines, or of two processes that replay a
    recording, may differ. The fence grows with every change of holder and with every lapse;
    it begins at the time (Unix seconds), so that a new database's is above an old one's.
    """
    fence: int | None = await conn.fetchval(
        """
        INSERT INTO alpha.leases AS held (name, holder, fence, expires_at)
        VALUES ($1, $2, extract(epoch FROM clock_timestamp())::bigint,
            clock_timestamp() + $3::interval)
        ON CONFLICT (name) DO UPDATE SET
            fence = CASE
                WHEN held.holder = excluded.holder AND held.expires_at > clock_timestamp()
                THEN held.fence ELSE greatest(held.fence + 1, excluded.fence) END,
            holder = excluded.holder,
            expires_at = excluded.expires_at
        WHERE held.holder = excluded.holder OR held.expires_at <= clock_timestamp()
        RETURNING fence
        """,
        name,
        holder,
        ttl,
    )
    return None if fence is None else LeaseGrant(name, holder, fence)


async def check_fence(conn: Conn, grant: LeaseGrant) -> None:
    """Lock the lease row for this transaction and make sure that it is still ours.

    A holder that stands still in such a transaction loses it after 5 s: nobody could take over.

    Raises:
        LeaseLost: another holder has taken over; nothing may be written.
    """
    fence = await conn.fetchval(
        """
        SELECT fence, set_config('idle_in_transaction_session_timeout', '5000', true)
        FROM alpha.leases WHERE name = $1 AND holder = $2 FOR SHARE
        """,
        grant.name,
        grant.holder,
    )
    if fence != grant.fence:
        raise LeaseLost(f"lease {grant.name} was taken over")


async def is_held(conn: Conn, name: str) -> bool:
    """Tell whether somebody holds a lease now."""
    held: bool = await conn.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM alpha.leases WHERE name = $1 AND expires_at > clock_timestamp()
        )
        """,
        name,
    )
    return held


async def release_lease(conn: Conn, grant: LeaseGrant) -> None:
    """Give a lease back, so that the next holder need not wait for its end."""
    await conn.execute(
        """
        UPDATE alpha.leases SET expires_at = clock_timestamp()
        WHERE name = $1 AND holder = $2 AND fence = $3
        """,
        grant.name,
        grant.holder,
        grant.fence,
    )
