"""Ours: the parts of the product's firehose that a frame passes on its way to Redis."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.core.clock import Clock, SystemClock
from app.core.config import Settings
from app.core.database import Pool, create_pool
from app.core.garbage import calm_collector
from app.core.redis import Redis, create_redis
from app.domain.fold import FoldBook
from app.domain.types import Exchange
from app.services.kalshi import open_kalshi_rest
from app.store.held_lease import HeldLease, try_to_hold
from app.store.tick_feed import TickFeed
from app.workers.firehose.catching_up import CatchingUp
from app.workers.firehose.lifecycle import LifecycleKeeper
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.reconcile import Reconciler
from app.workers.firehose.sink import FirehoseSink
from app.workers.firehose.tick_flush import TickFlusher
from bench.arena import Arena
from bench.contest import BenchError
from bench.ticks.tape import BEGIN_MS

LEASE = "firehose:kalshi"


@dataclass(frozen=True, slots=True)
class Stage:
    """A database and a Redis with the product's clients; the clock stands after the tape."""

    pool: Pool
    redis: Redis
    clock: Clock


@dataclass(frozen=True, slots=True)
class Firehose:
    """One reign's parts, with nothing running but the lease."""

    sink: FirehoseSink
    flusher: TickFlusher


@asynccontextmanager
async def open_stage(arena: Arena) -> AsyncIterator[Stage]:
    """Connect as a firehose does."""
    url = await arena.create_database("ticks")
    pool = await create_pool(url, size=2)
    redis = create_redis(arena.redis_url)
    after_the_tape = datetime.fromtimestamp(BEGIN_MS / 1_000, UTC) + timedelta(hours=1)
    try:
        yield Stage(pool, redis, SystemClock(after_the_tape))
    finally:
        await redis.aclose()
        await pool.close()


@asynccontextmanager
async def open_firehose(stage: Stage) -> AsyncIterator[Firehose]:
    """Begin a reign over an empty Redis, and end it."""
    await stage.redis.flushdb()
    lease = await try_to_hold(stage.pool, stage.clock, LEASE, "bench")
    if lease is None:
        raise BenchError("Somebody else holds the firehose.")
    keeping = asyncio.create_task(lease.keep())
    feed = TickFeed(stage.redis, Exchange.KALSHI, lease.fence)
    await feed.write(0, (), ())  # a Redis that had never heard of us would get all markets twice
    before = gc.get_threshold()
    calm_collector()  # as a reign does
    try:
        yield _assemble(stage, lease, feed)
    finally:
        gc.set_threshold(*before)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await feed.close()
        await lease.release()


def _assemble(stage: Stage, lease: HeldLease, feed: TickFeed) -> Firehose:
    settings, book = Settings(), FoldBook()
    markets, prices = open_kalshi_rest(settings.kalshi, stage.clock)  # nobody asks them
    parts = FirehoseParts(
        exchange=Exchange.KALSHI,
        settings=settings,
        clock=stage.clock,
        pool=stage.pool,
        redis=stage.redis,
        holder="bench",
        markets=markets,
        prices=prices,
        stream=None,
    )
    reconciler = Reconciler(parts, lease)
    keeper = LifecycleKeeper(parts, lease, reconciler)
    floor_usd = settings.app.public_trade_floor_usd
    catching_up = CatchingUp(book, stage.pool, Exchange.KALSHI, stage.clock)
    sink = FirehoseSink(book, catching_up, stage.clock, floor_usd, keeper, reconciler)
    return Firehose(sink, TickFlusher(book, feed, lease, stage.clock))
