"""A whole catalogue into an empty schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from app.core.database import SCHEMA, create_engine
from bench.arena import STATEMENT_TIMEOUT_S, Arena, Database
from bench.contest import Contender, Contest, Path, Promise, Remarks, Role, Scale
from bench.sync.check import Referee
from bench.sync.load import write_catalogue
from bench.sync.multi_values import multi_values
from bench.sync.worker import measure_worker
from bench.sync.writers import BARE, PageWriter, bare_copy, create_bare_tables, executemany, ours

_PROMISED_MARKETS = 100_000


@dataclass(slots=True)
class _Loads:
    """First loads, each into a new database."""

    arena: Arena
    markets: int
    peer_markets: int
    referee: Referee = field(default_factory=Referee)

    async def by_ours(self) -> float:
        async with self.arena.database("first_ours") as database:
            return await self._load("ours", database, ours(database), self.markets)

    async def by_bare_copy(self, markets: int | None = None) -> float:
        async with self.arena.database("first_limit") as database:
            await create_bare_tables(database)
            write = bare_copy(database)
            return await self._load("COPY", database, write, markets or self.markets, BARE)

    async def by_executemany(self) -> float:
        async with self.arena.database("first_peer") as database:
            write = executemany(database)
            return await self._load("executemany", database, write, self.peer_markets)

    async def by_sqlalchemy(self) -> float:
        async with self.arena.database("first_peer") as database:
            engine = create_engine(database.url, statement_timeout_s=STATEMENT_TIMEOUT_S)
            try:
                write = multi_values(engine)
                return await self._load("SQLAlchemy", database, write, self.peer_markets)
            finally:
                await engine.dispose()

    async def _load(
        self, who: str, database: Database, write: PageWriter, markets: int, schema: str = SCHEMA
    ) -> float:
        await database.conn.execute("CHECKPOINT")
        seconds = await write_catalogue(write, markets)
        await self.referee.judge(who, database, markets=markets, work=markets, schema=schema)
        return markets / seconds

    async def report(self) -> Remarks:
        """Sync twice more in a process of its own; the promises are about the full size."""
        worker = await measure_worker(self.arena, self.markets)
        promises = [
            Promise("peak_rss_mb", worker.peak_rss_mb, 600),
            Promise("first_load_s", worker.first_load_s, 20),
            Promise("resync_share", worker.resync_s / worker.first_load_s, 0.1),
        ]
        is_full = self.markets == _PROMISED_MARKETS
        return Remarks(
            {"markets": self.markets, **msgspec.structs.asdict(worker)}, promises if is_full else ()
        )


@asynccontextmanager
async def _prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    loads = _Loads(
        arena,
        markets=scale.pick(full=_PROMISED_MARKETS, quick=2_000),
        peer_markets=scale.pick(full=8_000, quick=500),
    )
    await loads.by_bare_copy(loads.peer_markets)  # the referee's measure for the peers
    contenders = [
        Contender(Role.LIMIT, "COPY into bare tables", loads.by_bare_copy),
        Contender(Role.PEER, "SQLAlchemy values(1000) upsert", loads.by_sqlalchemy),
        Contender(Role.PEER, "executemany upsert", loads.by_executemany, is_extra=True),
        Contender(Role.OURS, "write_page", loads.by_ours),
    ]
    note = (
        f"ours and limit write {loads.markets:,} markets, the peers {loads.peer_markets:,}"
        " (scaled per row)"
    )
    yield Contest(contenders, loads.report, [note])


SYNC_FIRST_LOAD = Path("sync_first_load", "markets/s", 20, 0.75, _prepare)
