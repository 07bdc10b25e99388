"""Fan-outs of one alert to everybody who holds its game, each in the same database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.clock import VirtualClock
from app.core.database import SCHEMA, Conn, create_engine
from app.store.notifications import fan_out
from bench.arena import Arena
from bench.contest import BenchError, Contender, Contest, Remarks, Role, Scale
from bench.pipeline.alert import make_alert, open_parts
from bench.pipeline.crowd import NOW, CrowdSize, add_crowd
from bench.pipeline.one_person import Telling
from bench.pipeline.per_user import (
    list_holders,
    read_telling,
    tell_by_orm,
    tell_by_statements,
)
from bench.stopwatch import Stopwatch

_TABLES = ("notifications", "deliveries")
_DIFFERENT = """
WITH expected AS (
    SELECT * FROM agreed_{table} WHERE user_id IN (SELECT user_id FROM alpha.notifications)
)
SELECT count(*) FROM (
    (TABLE alpha.{table} EXCEPT ALL TABLE expected)
    UNION ALL (TABLE expected EXCEPT ALL TABLE alpha.{table})
) different
"""


@dataclass(slots=True)
class FanOuts:
    """Rounds of telling the same people the same.

    Attributes:
        sample: how many of the holders are told by those who tell them one by one.
        packed: the rows of both tables as COPY reads them.
    """

    conn: Conn
    engine: AsyncEngine
    alert_id: UUID
    holders: int
    sample: int
    packed: dict[str, bytes]

    async def by_copy(self) -> float:
        """COPY rows that were made before, into the tables with their indexes."""
        return await self._judged("COPY", self._copy, self.holders)

    async def by_orm(self) -> float:
        """Tell one person after the other, as a session of the ORM does it."""

        async def tell() -> None:
            await tell_each(
                self.conn, self.alert_id, partial(tell_by_orm, self.engine), self.sample
            )

        return await self._judged("the ORM", tell, self.sample)

    async def by_statements(self) -> float:
        """Tell one person after the other, by statements."""

        async def tell() -> None:
            one = partial(tell_by_statements, self.conn)
            await tell_each(self.conn, self.alert_id, one, self.sample)

        return await self._judged("statements", tell, self.sample)

    async def by_ours(self) -> float:
        """Tell everybody as `alpha pipeline` does."""
        return await self._judged("ours", self._fan_out, self.holders)

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

    async def _judged(self, who: str, tell: Callable[[], Awaitable[None]], people: int) -> float:
        await forget(self.conn)
        with Stopwatch() as watch:
            await tell()
        await compare(self.conn, who, people)
        return people / watch.seconds


async def tell_each(
    conn: Conn, alert_id: UUID, tell: Callable[[Telling, UUID], Awaitable[None]], people: int
) -> None:
    """Tell so many of those who hold the alert's markets, one after the other."""
    telling = await read_telling(conn, alert_id, NOW)
    for user_id in (await list_holders(conn, telling))[:people]:
        await tell(telling, user_id)


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


async def compare(conn: Conn, who: str, people: int) -> None:
    """Compare every row of both tables with what was agreed for the same people.

    Raises:
        BenchError: a row is missing, is too much, or anything in one differs.
    """
    told = await conn.fetchval("SELECT count(*) FROM alpha.notifications")
    if told != people:
        raise BenchError(f"{who} told {told:,} of {people:,} people.")
    for table in _TABLES:
        different: int = await conn.fetchval(_DIFFERENT.format(table=table))
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
        sample = scale.pick(full=2_000, quick=200)
        engine = create_engine(url, size=1)
        packed = await agree(conn)
        fan_outs = FanOuts(conn, engine, alert_id, size.holders, sample, packed)
        try:
            yield Contest(
                [
                    Contender(Role.LIMIT, "COPY of the same rows", fan_outs.by_copy),
                    Contender(Role.PEER, "per-user inserts, asyncpg", fan_outs.by_statements),
                    Contender(Role.PEER, "per-user inserts, ORM", fan_outs.by_orm, is_extra=True),
                    Contender(Role.OURS, "fan_out", fan_outs.by_ours),
                ],
                fan_outs.report,
                [
                    f"{size.holders:,} people among {size.positions_of_others:,} positions of"
                    f" others; the peers tell {sample:,} of them; every row is compared"
                ],
            )
        finally:
            await engine.dispose()
