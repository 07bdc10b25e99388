"""Fan-outs of one alert to everybody who holds its game, each in the same database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from app.core.clock import VirtualClock
from app.core.database import SCHEMA, Conn
from app.store.notifications import fan_out
from bench.arena import Arena
from bench.contest import BenchError, Contender, Contest, Remarks, Role, Scale
from bench.pipeline.alert import make_alert, open_parts
from bench.pipeline.crowd import NOW, CrowdSize, add_crowd
from bench.pipeline.per_user import tell_each
from bench.stopwatch import Stopwatch

_TABLES = ("notifications", "deliveries")


@dataclass(slots=True)
class FanOuts:
    """Rounds of telling the same people the same.

    Attributes:
        packed: the rows of both tables as COPY reads them.
    """

    conn: Conn
    alert_id: UUID
    holders: int
    packed: dict[str, bytes]

    async def by_copy(self) -> float:
        """COPY rows that were made before, into the tables with their indexes."""
        return await self._judged("COPY", self._copy)

    async def by_inserts(self) -> float:
        """Tell one person after the other."""
        return await self._judged(
            "per-user inserts", lambda: tell_each(self.conn, self.alert_id, now=NOW)
        )

    async def by_ours(self) -> float:
        """Tell everybody as `alpha pipeline` does."""
        return await self._judged("ours", self._fan_out)

    async def report(self) -> Remarks:
        """Report how many rows there are."""
        return Remarks({"people": self.holders})

    async def _copy(self) -> None:
        async with self.conn.transaction():
            for table, packed in self.packed.items():
                await self.conn.copy_to_table(
                    table, schema_name=SCHEMA, source=BytesIO(packed), format="binary"
                )

    async def _fan_out(self) -> None:
        async with self.conn.transaction():
            await fan_out(self.conn, self.alert_id, now=NOW)

    async def _judged(self, who: str, tell: Callable[[], Awaitable[None]]) -> float:
        await forget(self.conn)
        with Stopwatch() as watch:
            await tell()
        await compare(self.conn, who)
        return self.holders / watch.seconds


async def forget(conn: Conn) -> None:
    """Begin anew: nobody was told of anything."""
    await conn.execute("TRUNCATE alpha.notifications, alpha.deliveries CASCADE")
    await conn.execute("UPDATE alpha.alerts SET notified_at = NULL")
    await conn.execute("VACUUM alpha.alerts")


async def agree(conn: Conn) -> dict[str, bytes]:
    """Keep what the tables hold now as what everybody has to write; return it packed."""
    packed = {}
    for table in _TABLES:
        await conn.execute(f"CREATE TABLE agreed_{table} AS TABLE alpha.{table}")
        output = BytesIO()
        await conn.copy_from_table(table, schema_name=SCHEMA, output=output, format="binary")
        packed[table] = output.getvalue()
    return packed


async def compare(conn: Conn, who: str) -> None:
    """Compare every row of both tables with what was agreed.

    Raises:
        BenchError: a row is missing, is too much, or anything in one differs.
    """
    for table in _TABLES:
        different: int = await conn.fetchval(
            f"""
            SELECT count(*) FROM (
                (TABLE alpha.{table} EXCEPT ALL TABLE agreed_{table})
                UNION ALL (TABLE agreed_{table} EXCEPT ALL TABLE alpha.{table})
            ) different
            """
        )
        if different:
            raise BenchError(f"{who} wrote other {table}: {different:,} rows differ.")


@asynccontextmanager
async def prepare_fan_out(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    """Fill a database with people, make the alert, and yield the contest."""
    size = CrowdSize(
        holders=scale.pick(full=10_000, quick=500),
        positions_of_others=scale.pick(full=1_000_000, quick=10_000),
    )
    url = await arena.create_database("fan_out")
    async with open_parts(url, VirtualClock(NOW)) as parts, parts.pool.acquire() as conn:
        await add_crowd(conn, size)
        alert_id = await make_alert(parts)
        await fan_out(conn, alert_id, now=NOW)
        fan_outs = FanOuts(conn, alert_id, size.holders, await agree(conn))
        yield Contest(
            [
                Contender(Role.LIMIT, "COPY of the same rows", fan_outs.by_copy),
                Contender(Role.PEER, "per-user inserts", fan_outs.by_inserts),
                Contender(Role.OURS, "fan_out", fan_outs.by_ours),
            ],
            fan_outs.report,
            [
                f"{size.holders:,} people among {size.positions_of_others:,} positions of others;"
                " every row is compared"
            ],
        )
