"""Who holds a game's markets, among a million positions: the first thing an alert has to know."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter

from app.core.clock import VirtualClock
from app.core.database import Conn
from bench.arena import Arena
from bench.contest import BenchError, Contender, Contest, Promise, Remarks, Role, Scale
from bench.pipeline.alert import open_parts
from bench.pipeline.crowd import GAME, NOW, CrowdSize, add_crowd

_AT_MOST_MS = 50.0
_HOLDERS = """
SELECT count(*) FROM (
    SELECT user_id, sum(contracts) FROM alpha.positions WHERE market_id = ANY($1) GROUP BY user_id
) people
"""
_BY_SCAN = f"{_HOLDERS} -- its plan is its own"
_INDEX_WAYS = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


@dataclass(slots=True)
class Holders:
    """Rounds of asking who holds the game's two markets, and how much, as `fan_out` does.

    Attributes:
        ours_ms: how long each of our questions took.
    """

    conn: Conn
    holders: int
    questions: int
    ours_ms: list[float] = field(default_factory=list)

    async def by_scanning(self) -> float:
        """Ask as if there were no index, fewer times."""
        for way in _INDEX_WAYS:
            await self.conn.execute(f"SET {way} = off")
        took_ms = [await self._ask(_BY_SCAN) for _ in range(max(self.questions // 20, 1))]
        for way in _INDEX_WAYS:
            await self.conn.execute(f"RESET {way}")
        return len(took_ms) / sum(took_ms) * 1_000

    async def by_ours(self) -> float:
        """Ask by the index that holds all that is needed."""
        took_ms = [await self._ask(_HOLDERS) for _ in range(self.questions)]
        self.ours_ms += took_ms
        return len(took_ms) / sum(took_ms) * 1_000

    async def report(self) -> Remarks:
        """Report how long a question takes; the promise is for the slowest in a hundred."""
        every = quantiles(self.ours_ms, n=100)
        extra = {"holders": self.holders, "p50_ms": every[49]}
        return Remarks(extra, [Promise("p99_ms", every[98], _AT_MOST_MS)])

    async def _ask(self, query: str) -> float:
        began_s = perf_counter()
        found = await self.conn.fetchval(query, [GAME.home, GAME.away])
        took_ms = (perf_counter() - began_s) * 1_000
        if found != self.holders:
            raise BenchError(f"{found:,} of {self.holders:,} holders were found.")
        return took_ms


@asynccontextmanager
async def prepare_holders(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    """Fill a database with positions and yield the contest."""
    size = CrowdSize(
        holders=scale.pick(full=10_000, quick=500),
        positions_of_others=scale.pick(full=1_000_000, quick=50_000),
    )
    url = await arena.create_database("holders")
    async with open_parts(url, VirtualClock(NOW)) as parts, parts.pool.acquire() as conn:
        await add_crowd(conn, size)
        holders = Holders(conn, size.holders, scale.pick(full=100, quick=40))
        yield Contest(
            [
                Contender(Role.PEER, "scan of the table", holders.by_scanning),
                Contender(Role.OURS, "positions_market_id_idx", holders.by_ours),
            ],
            holders.report,
            [f"{size.holders:,} holders among {size.positions_of_others:,} positions of others"],
        )
