"""Peers that are not ours to install: they run in an interpreter that has them, or not at all.

`ALPHA_BENCH_PEERS` names that interpreter; requirements-peers.txt is what it needs.
"""

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path

from app.core.redis import Redis
from bench.contest import BenchError
from local.home import REPOSITORY

VARIABLE = "ALPHA_BENCH_PEERS"
_PEER = REPOSITORY / "bench" / "ticks" / "cryptofeed_peer.py"


async def find_interpreter() -> Path | None:
    """Return the interpreter that has cryptofeed, None when none was named.

    Raises:
        BenchError: one was named and lacks it.
    """
    named = os.environ.get(VARIABLE, "")
    if not named:
        return None
    try:
        process = await asyncio.create_subprocess_exec(
            named, "-c", "import cryptofeed.backends.redis, redis", stdout=DEVNULL, stderr=DEVNULL
        )
    except OSError as error:
        raise BenchError(f"{VARIABLE} names no interpreter: {error.strerror}.") from None
    if await process.wait():
        raise BenchError(f"{VARIABLE} names an interpreter without cryptofeed.")
    return Path(named)


@dataclass(frozen=True, slots=True)
class PeerLoad:
    """So many frames of the flood at `url`, to be written to Redis."""

    interpreter: Path
    url: str
    frames: int
    redis_url: str


async def run_cryptofeed(load: PeerLoad, redis: Redis) -> float:
    """Let cryptofeed write a load; return frames per second.

    Raises:
        BenchError: it failed, or Redis does not hold every frame.
    """
    await redis.flushdb()
    process = await asyncio.create_subprocess_exec(
        *(str(load.interpreter), str(_PEER), f"{load.url}?frames={load.frames}"),
        *(str(load.frames), load.redis_url),
        cwd=REPOSITORY,
        stdout=PIPE,
        stderr=PIPE,
    )
    printed, errors = await process.communicate()
    if process.returncode:
        raise BenchError(f"cryptofeed failed: {errors.decode()[-300:].strip()}")
    written = [await redis.xlen(key) async for key in redis.scan_iter("ticker-KALSHI-*", 5_000)]
    await redis.flushdb()
    if sum(written) != load.frames:
        raise BenchError(f"cryptofeed wrote {sum(written):,} of {load.frames:,} frames.")
    seconds: float = json.loads(printed)["seconds"]
    return load.frames / seconds
