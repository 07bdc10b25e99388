"""Where a new holder goes on: what Redis and the database know of every market's last frame."""

import structlog

from app.core.database import Pool
from app.core.redis import Redis
from app.domain.fold import FoldBook
from app.domain.types import Exchange
from app.store.quotes import read_tick_times
from app.store.tick_seeds import read_seeds

log = structlog.get_logger()


async def seed(book: FoldBook, pool: Pool, redis: Redis, exchange: Exchange) -> None:
    """Tell the fold every market's newest frame and volume; each next frame ends a span.

    Redis has every frame that was flushed; the database, two seconds behind, what Redis
    may have forgotten, and for markets that never ticked the volume a request has said.
    """
    async with pool.acquire() as conn:
        known = await read_tick_times(conn, exchange)
    flushed = await read_seeds(redis, list(known))
    for ext_id, (ticked_at, volume) in known.items():
        ticked_ms = int(ticked_at.timestamp() * 1_000) if ticked_at else 0
        ts_ms, cumulative = flushed.get(ext_id, (ticked_ms, volume))
        book.seed(ext_id, newest_ms=max(ts_ms, ticked_ms), volume=cumulative)
    log.info("firehose.seeded", exchange=exchange, markets=len(known), from_redis=len(flushed))
