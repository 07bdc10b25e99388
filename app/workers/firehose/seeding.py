"""Where a new holder goes on: what Redis and the database know of every market's last frame."""

import asyncio

import structlog

from app.core.database import Pool
from app.core.redis import Redis
from app.domain.fold import FoldBook
from app.domain.types import Exchange
from app.store.quotes import read_told
from app.store.tick_seeds import read_seeds

log = structlog.get_logger()

_SLICE = 2_000  # markets between two turns of the event loop


async def seed(book: FoldBook, pool: Pool, redis: Redis, exchange: Exchange) -> None:
    """Tell the fold every market's newest frame and volume; each next frame ends a span.

    Redis has every frame that was flushed; the database, two seconds behind, what Redis
    may have forgotten, and for markets that never ticked the volume a request has said.
    Spans are asked for in the database's time: of what only Redis knows, the last holder
    may have asked for nothing.
    """
    async with pool.acquire() as conn:
        known = await read_told(conn, exchange)
    flushed = await read_seeds(redis, list(known))
    for number, (ext_id, told) in enumerate(known.items()):
        told_ms = int(told.as_of.timestamp() * 1_000)
        ticked_ms = told_ms if told.is_tick else 0
        ts_ms, volume = flushed.get(ext_id, (ticked_ms, told.volume))
        book.seed(ext_id, newest_ms=max(ts_ms, ticked_ms), volume=volume)
        if ts_ms > told_ms:
            book.distrust(ext_id, told_ms, ts_ms)
        if number % _SLICE == 0:
            await asyncio.sleep(0)
    log.info("firehose.seeded", exchange=exchange, markets=len(known), from_redis=len(flushed))
