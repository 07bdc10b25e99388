"""The whole firehose at an exchange's real cadence: what an operator pays for."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.core.database import asyncpg_dsn
from app.core.redis import Redis, create_redis
from app.models.tick_entry import decode_entry
from app.store.tick_feed import TICKS, market_key
from bench.arena import Arena, Database
from bench.catalogue import make_pages
from bench.contest import BenchError, Contest, Remarks
from bench.ticks.costs import Costs, costs_of_postgres, costs_of_redis
from bench.ticks.flood import PATH
from bench.web.catalogue import prepare_catalogue
from bench.web.servers import serving
from local.addresses import LOOPBACK
from local.home import REPOSITORY

_READY_WITHIN_S = 30
_TOLERANCE = 0.2  # of the frames in a window: its ends do not fall between two flushes
_SETTLE_S = 2.0  # everybody's first frames and what follows a start are not the cadence


@dataclass(slots=True)
class Cadence:
    """Windows of time in which the firehose and a bare listener hear the same frames.

    Attributes:
        shares: by whom, the CPU seconds per second of every window.
    """

    markets: int
    window_s: float
    redis: Redis
    database: Database
    costs: Mapping[str, Costs]
    shares: dict[str, list[float]] = field(default_factory=dict)

    async def by_listening(self) -> float:
        """Watch everybody for one window; return the listener's frames per CPU second."""
        since = (await self.redis.xinfo_stream(TICKS))["last-generated-id"].decode()
        began_s, before = perf_counter(), self._spent()
        await asyncio.sleep(self.window_s)
        seconds, after = perf_counter() - began_s, self._spent()
        for name, spent in after.items():
            self.shares.setdefault(name, []).append((spent - before[name]) / seconds)
        await self._check(since, seconds)
        return self._per_cpu_second("listener")

    async def by_ours(self) -> float:
        """Return the firehose's frames per CPU second in the same window."""
        return self._per_cpu_second("firehose")

    def report(self, contest: Contest) -> Remarks:
        """Say what each process costs."""
        cpu = {name: sum(found) / len(found) for name, found in self.shares.items()}
        rss = {name: one.rss_mb() for name, one in self.costs.items() if name != "postgresql"}
        words = [f"{name} {share:.1%}" for name, share in cpu.items()]
        contest.notes.append(f"of one core: {', '.join(words)}")
        words = [f"{name} {size:.0f} MB" for name, size in rss.items()]
        contest.notes.append(f"resident memory: {', '.join(words)}")
        return Remarks(
            {
                "markets": self.markets,
                "frames_per_s": self.markets,
                "window_s": self.window_s,
                "cpu_share": {name: round(share, 4) for name, share in cpu.items()},
                "rss_mb": {name: round(size, 1) for name, size in rss.items()},
            }
        )

    def _spent(self) -> dict[str, float]:
        return {name: one.cpu_s() for name, one in self.costs.items()}

    def _per_cpu_second(self, name: str) -> float:
        return self.markets / max(self.shares[name][-1], 1e-6)

    async def _check(self, since: str, seconds: float) -> None:
        """Make sure that the window's frames are in the stream and every market is fresh.

        Raises:
            BenchError: they are not; then the process is idle, and its cost means nothing.
        """
        entries = await self.redis.xrange(TICKS, min=f"({since}")
        packed = (text for _, fields in entries for text in fields.values())
        frames = sum(piece.frames for text in packed for piece in decode_entry(text))
        if abs(frames / (self.markets * seconds) - 1) > _TOLERANCE:
            raise BenchError(f"{frames:,} frames in {seconds:.1f} s of {self.markets:,} markets.")
        fresh: int = await self.database.conn.fetchval(
            "SELECT count(*) FROM alpha.market_quotes WHERE as_of > now() - interval '5 s'"
        )
        if fresh != self.markets:
            raise BenchError(f"Only {fresh:,} of {self.markets:,} markets are fresh.")


@asynccontextmanager
async def open_cadence(arena: Arena, markets: int, window_s: float) -> AsyncIterator[Cadence]:
    """Start exchange, firehose and listener, and wait until every market is fresh."""
    url = await prepare_catalogue(arena, markets, name="cadence")
    async with AsyncExitStack() as stack:
        redis = create_redis(arena.redis_url)
        stack.push_async_callback(redis.aclose)
        await redis.flushdb()
        conn = await asyncpg.connect(asyncpg_dsn(url))
        stack.push_async_callback(conn.close)
        database = Database(url, conn)
        server = await stack.enter_async_context(serving("bench.ticks.pace", str(markets), {}))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="alpha-bench-"))
        environ = _environ(url, arena.redis_url, server.port, folder)
        firehose = await stack.enter_async_context(_running("app.cli", "stream", environ=environ))
        address = f"ws://{LOOPBACK}:{server.port}{PATH}"
        listener = await stack.enter_async_context(_running("bench.ticks.listen", address))
        await _until_fresh(redis, markets)
        await asyncio.sleep(_SETTLE_S)
        costs = {
            "firehose": Costs(firehose),
            "redis": await costs_of_redis(redis),
            "postgresql": await costs_of_postgres(database),
            "listener": Costs(listener),
        }
        yield Cadence(markets, window_s, redis, database, costs)


def _environ(database_url: str, redis_url: str, port: int, folder: str) -> dict[str, str]:
    key = Ed25519PrivateKey.generate()  # nobody knows it; the handshake is signed as any other
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "ALPHA_HOME": folder,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "KALSHI_API_KEY_ID": "bench",
        "KALSHI_PRIVATE_KEY": pem,
        "KALSHI_BASE_API_URL": f"http://{LOOPBACK}:{port}/trade-api/v2",
        "KALSHI_WS_URL": f"ws://{LOOPBACK}:{port}{PATH}",
    }


@asynccontextmanager
async def _running(
    module: str, *arguments: str, environ: Mapping[str, str] | None = None
) -> AsyncIterator[int]:
    """Run `python -m module arguments` for the length of the block; yield its pid."""
    with tempfile.TemporaryFile(prefix="alpha-bench-") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            env={**os.environ, **(environ or {})},
            cwd=REPOSITORY,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=output,
        )
        try:
            yield process.pid
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _until_fresh(redis: Redis, markets: int) -> None:
    keys = [market_key(market.ext_id) for page in make_pages(markets) for market in page.markets]
    for _ in range(_READY_WITHIN_S * 10):
        if await redis.exists(*keys) == markets:
            return
        await asyncio.sleep(0.1)
    raise BenchError("The firehose did not write every market: look at its log.")
