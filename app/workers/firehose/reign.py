"""One reign: everything one holder of a firehose's lease does, from seeding to release."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.core.errors import LeaseLost, SourceRefused, first_of
from app.core.garbage import calm_collector
from app.domain.fold import FoldBook
from app.domain.freshness import FeedWord, catalogue_feed, ticks_feed
from app.services.ports import TickStream
from app.store import feeds
from app.store.held_lease import DATABASE_AWAY, HeldLease
from app.store.tick_feed import REDIS_AWAY, TickFeed
from app.workers.firehose.catching_up import CatchingUp
from app.workers.firehose.feed_state import FeedView, to_detail
from app.workers.firehose.lifecycle import LifecycleKeeper
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.polling import poll
from app.workers.firehose.reconcile import Reconciler
from app.workers.firehose.row_flush import RowFlusher
from app.workers.firehose.seeding import seed
from app.workers.firehose.sink import FirehoseSink
from app.workers.firehose.tick_flush import TickFlusher

log = structlog.get_logger()

GOODBYE_S = 2.0
KEY_AGAIN_S = 300.0  # between two tries with a key that was refused; prices are polled meanwhile


async def reign(parts: FirehoseParts, lease: HeldLease) -> None:
    """Stream, or poll without a key, until the lease is lost or this task is cancelled.

    Raises:
        LeaseLost: another process takes over.
    """
    log.info("firehose.began", exchange=parts.exchange, fence=lease.fence)
    reason = "no key: the socket needs one"
    while True:
        if parts.stream is not None:
            try:
                await _together(lease, _stream(parts, lease, parts.stream()))
            except SourceRefused as error:
                log.error("stream.refused", exchange=parts.exchange, error=str(error))
                reason = f"the key is refused: {error}"
        limit_s = None if parts.stream is None else KEY_AGAIN_S
        await _together(lease, _poll(parts, lease, reason, limit_s))


async def _together(lease: HeldLease, work: Coroutine[Any, Any, None]) -> None:
    """Do the work while the lease is kept; the first of both to fail ends the other."""
    keeping = asyncio.create_task(lease.keep())
    working = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({keeping, working}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        keeping.cancel()
        working.cancel()
        await asyncio.gather(keeping, working, return_exceptions=True)


async def _stream(parts: FirehoseParts, lease: HeldLease, stream: TickStream) -> None:
    """Run the stream with everything that takes its output further."""
    book = FoldBook()
    await seed(book, parts.pool, parts.redis, parts.exchange)
    calm_collector()
    reconciler = Reconciler(parts, lease)
    keeper = LifecycleKeeper(parts, lease, reconciler)
    floor_usd = parts.settings.app.public_trade_floor_usd
    catching_up = CatchingUp(book, parts.pool, parts.exchange, parts.clock)
    sink = FirehoseSink(book, catching_up, parts.clock, floor_usd, keeper, reconciler)
    feed = TickFeed(parts.redis, parts.exchange, lease.fence)
    ticks = TickFlusher(book, feed, lease, parts.clock)
    rows = RowFlusher(parts.exchange, sink, ticks, reconciler, lease, parts.clock)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stream.run(sink, since=await _known_until(parts)))
            tasks.create_task(ticks.run())
            tasks.create_task(rows.run())
            tasks.create_task(reconciler.run())
            tasks.create_task(catching_up.run())
    except BaseExceptionGroup as failed:
        raise first_of(failed) from None
    except asyncio.CancelledError:
        await _say_goodbye(ticks, rows)
        raise
    finally:
        await feed.close()


async def _say_goodbye(ticks: TickFlusher, rows: RowFlusher) -> None:
    """Write what is folded already; a successor would have to ask for it."""
    with suppress(LeaseLost, TimeoutError, *REDIS_AWAY, *DATABASE_AWAY):
        async with asyncio.timeout(GOODBYE_S):
            await ticks.flush()
            await rows.flush()


async def _known_until(parts: FirehoseParts) -> datetime | None:
    """Return until when nothing was missed: by the last holder, else by the last full sync."""
    names = (ticks_feed(parts.exchange), catalogue_feed(parts.exchange))
    async with parts.pool.acquire() as conn:
        return await feeds.read_as_of(conn, names)


async def _poll(parts: FirehoseParts, lease: HeldLease, reason: str, limit_s: float | None) -> None:
    """Ask for the prices that matter most, again and again."""

    async def tell(as_of: datetime | None) -> None:
        now = parts.clock.now()
        is_old = as_of is None or now - as_of > timedelta(seconds=30)
        view = FeedView(FeedWord.STALE if is_old else FeedWord.POLLING, reason)
        async with lease.transaction() as conn:
            await feeds.set_feed_state(
                conn,
                ticks_feed(parts.exchange),
                view.state,
                now=now,
                as_of=as_of,
                detail=to_detail(view),
            )

    try:
        async with asyncio.timeout(limit_s):
            await poll(parts, lease, tell)
    except TimeoutError:
        return
