"""The latest 500 candles of a market that nobody asked for lately."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path as Folder

from bench.arena import Arena
from bench.contest import Contender, Contest, Path, Promise, Remarks, Role, Scale
from bench.web.candles import PACES, History, compare_candles, prepare_history
from bench.web.load import Answers, Load
from bench.web.pgbench import find_pgbench, run_pgbench, write_scripts
from bench.web.servers import Server, ask, serving
from bench.web.statement import overhear

_PROMISED_P99_MS = 10


@dataclass(slots=True)
class _Candles:
    """A running server over a history, and how to load it."""

    arena: Arena
    history: History
    server: Server
    seconds: int
    last: Answers | None = None

    async def by_ours(self) -> float:
        """Ask for the candles of one market after the other."""
        self.last = await self._ask(16)
        return self.last.rate

    async def report(self) -> Remarks:
        """Report latencies, under load and of one client alone."""
        alone, busy = await self._ask(1), self.last
        assert busy is not None, "finish comes after the rounds"
        figures = {
            "p50_ms": alone.p50_ms,
            "p99_ms": alone.p99_ms,
            "busy_p50_ms": busy.p50_ms,
            "busy_p99_ms": busy.p99_ms,
            "mean_bytes": alone.mean_bytes,
        }
        promise = Promise("p99_ms of one client", alone.p99_ms, _PROMISED_P99_MS)
        return Remarks({"markets": len(self.history.markets), **figures}, [promise])

    async def _ask(self, connections: int) -> Answers:
        load = Load(
            self.server.port, self.history.paths, connections=connections, seconds=self.seconds
        )
        return await ask(load, status=200)

    @asynccontextmanager
    async def scripts(self) -> AsyncIterator[list[str]]:
        """Write the SQL behind markets of every pace to files."""
        paths = self.history.paths[:PACES]
        heard = await overhear(self.history.url, self.arena.redis_url, paths)
        with tempfile.TemporaryDirectory(prefix="alpha-bench-") as folder:
            yield write_scripts(Folder(folder), heard)


@asynccontextmanager
async def _prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    markets, each = scale.pick(full=2_000, quick=1_000), scale.pick(full=2_500, quick=510)
    history = await prepare_history(arena, markets=markets, each=each)
    environ = {"DATABASE_URL": history.url, "REDIS_URL": arena.redis_url}
    async with serving("bench.web.serve", "ours", environ) as server:
        candles = _Candles(arena, history, server, scale.pick(full=4, quick=1))
        await compare_candles(server, history)
        async with candles.scripts() as scripts:
            contest = Contest(
                [Contender(Role.OURS, "GET /v1/markets/{id}/candles", candles.by_ours)],
                candles.report,
                [f"{markets * each:,} minutes of {markets:,} markets, one every 1 to {PACES} min"],
            )
            pgbench = find_pgbench()
            if pgbench is None:
                contest.notes.append("no limit: this PostgreSQL came without pgbench")
            else:

                async def by_pgbench() -> float:
                    return await run_pgbench(pgbench, history.url, scripts, seconds=candles.seconds)

                limit = Contender(Role.LIMIT, "pgbench, the same SQL, 16 clients", by_pgbench)
                contest.contenders.insert(0, limit)
            yield contest


CANDLES_LATEST = Path("candles_latest", "requests/s", None, 0.5, _prepare)
