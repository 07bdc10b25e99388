"""cryptofeed, in an interpreter that has it."""

import json
from dataclasses import dataclass
from pathlib import Path

from app.core.redis import Redis
from bench.contest import BenchError
from bench.interpreter import run_peer
from local.home import REPOSITORY

CRYPTOFEED = ("cryptofeed", "cryptofeed.backends.redis, redis")
_PEER = REPOSITORY / "bench" / "ticks" / "cryptofeed_peer.py"


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
    printed = await run_peer(
        load.interpreter,
        _PEER,
        f"{load.url}?frames={load.frames}",
        str(load.frames),
        load.redis_url,
    )
    written = [await redis.xlen(key) async for key in redis.scan_iter("ticker-KALSHI-*", 5_000)]
    await redis.flushdb()
    if sum(written) != load.frames:
        raise BenchError(f"cryptofeed wrote {sum(written):,} of {load.frames:,} frames.")
    seconds: float = json.loads(printed)["seconds"]
    return load.frames / seconds
