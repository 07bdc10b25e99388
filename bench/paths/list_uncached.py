"""A page of the market list that nobody asked for lately."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.arena import Arena
from bench.contest import Contender, Contest, Path, Role, Scale
from bench.web.lists import open_lists, pgbench_scripts
from bench.web.pgbench import find_pgbench, run_pgbench


@asynccontextmanager
async def _prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    lists = await open_lists(arena, scale)
    async with pgbench_scripts(lists) as scripts:
        contest = Contest(
            [
                Contender(Role.PEER, "ORM, selectinload, response_model", lists.by_orm),
                Contender(Role.OURS, "GET /v1/markets", lists.by_ours_uncached),
            ],
            lists.report,
        )
        pgbench = find_pgbench()
        if pgbench is None:
            contest.notes.append("no limit: this PostgreSQL came without pgbench")
        else:
            seconds = scale.pick(full=4, quick=1)

            async def by_pgbench() -> float:
                return await run_pgbench(pgbench, lists.url, scripts, seconds=seconds)

            limit = Contender(Role.LIMIT, "pgbench, the same SQL, 16 clients", by_pgbench)
            contest.contenders.insert(0, limit)
        yield contest


LIST_UNCACHED = Path("list_uncached", "requests/s", 9, 0.60, _prepare)
