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
from bench.sync.product import full_sync
from bench.sync.worker import measure_worker
from bench.sync.writers import BARE, bare_copy, create_bare_tables, executemany

_PROMISED_MARKETS = 100_000


@dataclass(slots=True)
class _Loads:
    """First loads of the same markets, each into a new database."""

    arena: Arena
    markets: int
    referee: Referee = field(default_factory=Referee)

    async def by_ours(self) -> float:
        async with self.arena.database("first_ours") as database:
            seconds = await full_sync(database, self.markets)
            return await self._judged("ours", database, seconds)

    async def by_bare_copy(self) -> float:
        async with self.arena.database("first_limit") as database:
            await create_bare_tables(database)
            seconds = await write_catalogue(bare_copy(database), self.markets)
            return await self._judged("COPY", database, seconds, BARE)

    async def by_executemany(self) -> float:
        async with self.arena.database("first_peer") as database:
            seconds = await write_catalogue(executemany(database), self.markets)
            return await self._judged("executemany", database, seconds)

    async def by_sqlalchemy(self) -> float:
        async with self.arena.database("first_peer") as database:
            engine = create_engine(database.url, statement_timeout_s=STATEMENT_TIMEOUT_S)
            seconds = await write_catalogue(multi_values(engine), self.markets)
            await engine.dispose()
            return await self._judged("SQLAlchemy", database, seconds)

    async def _judged(
        self, who: str, database: Database, seconds: float, schema: str = SCHEMA
    ) -> float:
        await self.referee.judge(who, database, markets=self.markets, work="load", schema=schema)
        return self.markets / seconds


@asynccontextmanager
async def _prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    loads = _Loads(arena, scale.pick(full=20_000, quick=1_000))
    worker_markets = scale.pick(full=_PROMISED_MARKETS, quick=2_000)

    async def report() -> Remarks:
        worker = await measure_worker(arena, worker_markets)
        promises = [
            Promise("peak_rss_mb", worker.peak_rss_mb, 600),
            Promise("first_load_s", worker.first_load_s, 20),
            Promise("resync_share", worker.resync_s / worker.first_load_s, 0.1),
        ]
        extra = {"worker_markets": worker_markets, **msgspec.structs.asdict(worker)}
        return Remarks({"markets": loads.markets, **extra}, () if scale.is_quick else promises)

    yield Contest(
        [
            Contender(Role.LIMIT, "COPY into bare tables", loads.by_bare_copy),
            Contender(Role.PEER, "SQLAlchemy values(1000) upsert", loads.by_sqlalchemy),
            Contender(Role.PEER, "executemany upsert", loads.by_executemany, is_extra=True),
            Contender(Role.OURS, "write_page", loads.by_ours),
        ],
        report,
        [f"all write {loads.markets:,} markets; a worker process then loads {worker_markets:,}"],
    )


SYNC_FIRST_LOAD = Path("sync_first_load", "markets/s", 20, 0.75, _prepare)
