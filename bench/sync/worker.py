"""A first load and a re-sync in a process of its own, as a worker does them: `URL MARKETS`.

It makes the rows batch by batch, as they come from an exchange, so its peak memory is
a worker's. `measure_worker` starts it and reads what it prints.
"""

import asyncio
import resource
import sys

import msgspec

from app.core.database import create_pool
from bench.arena import STATEMENT_TIMEOUT_S, Arena, Database
from bench.contest import BenchError
from bench.sync.load import settle
from bench.sync.product import full_sync
from local.home import REPOSITORY

_BYTES_PER_UNIT = 1024 if sys.platform == "linux" else 1  # of ru_maxrss


class WorkerFigures(msgspec.Struct, frozen=True):
    """Seconds in the database part of both syncs; peak resident size of the process."""

    first_load_s: float
    resync_s: float
    peak_rss_mb: float


async def measure_worker(arena: Arena, markets: int) -> WorkerFigures:
    """Run both syncs in a new process and database.

    Raises:
        BenchError: the process failed.
    """
    url = await arena.create_database("worker")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sync.worker", url, str(markets)),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    if process.returncode:
        raise BenchError("The first load failed in a process of its own.")
    return msgspec.json.decode(printed, type=WorkerFigures)


async def _sync_twice(url: str, markets: int) -> WorkerFigures:
    pool = await create_pool(url, size=1, statement_timeout_s=STATEMENT_TIMEOUT_S)
    async with pool.acquire() as conn:
        database = Database(url, conn)
        first_load_s = await full_sync(database, markets)
        await settle(database)
        resync_s = await full_sync(database, markets)
    await pool.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_UNIT / 1e6
    return WorkerFigures(first_load_s, resync_s, peak)


if __name__ == "__main__":
    figures = asyncio.run(_sync_twice(sys.argv[1], int(sys.argv[2])))
    sys.stdout.buffer.write(msgspec.json.encode(figures))
