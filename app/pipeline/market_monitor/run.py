"""The monitor's life in a process: wait for the lease, watch, lose it, wait again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from app.core.errors import LeaseLost, first_of
from app.core.redis import Redis
from app.domain.freshness import FeedWord, ticks_feed
from app.domain.types import Exchange
from app.pipeline.market_monitor.depths import RedisDepths
from app.pipeline.market_monitor.gaps import QUIET, WHOLE, quiet_until
from app.pipeline.market_monitor.monitor import LATE, MarketMonitor
from app.pipeline.parts import PipelineParts
from app.store import feeds, tick_stream
from app.store.cursors import BEGINNING, entry_time
from app.store.feeds import FeedState
from app.store.held_lease import DATABASE_AWAY, HeldLease, try_to_hold
from app.store.rules import read_rules
from app.store.tick_feed import REDIS_AWAY
from app.store.tick_stream import TickEntry

log = structlog.get_logger()

LEASE = "market_monitor"
_LOOK_FOR_LEASE_S = 0.5
_ENTRIES = 200  # read at once
_BLOCK_MS = 200
_RIPEN_S = 1.0  # a finding may ripen without new ticks
_SILENCE = timedelta(seconds=10)  # between two entries; after more some may be gone
_FEEDS_S = 1.0
_RULES_S = 30.0


KnownFeeds = dict[Exchange, tuple[str, datetime]]


async def run_market_monitor(parts: PipelineParts, redis: Redis) -> None:
    """Watch whenever the lease is free, for ever; cancelling gives it back."""
    while True:
        lease = await _wait_for_lease(parts)
        try:
            await _watch(parts, redis, lease)
        except (LeaseLost, *DATABASE_AWAY, *REDIS_AWAY) as lost:
            log.warning("monitor.lost", reason=str(lost) or "timeout")
        finally:
            await lease.release()
        await parts.clock.sleep(_LOOK_FOR_LEASE_S)


async def _wait_for_lease(parts: PipelineParts) -> HeldLease:
    while True:
        try:
            lease = await try_to_hold(parts.pool, parts.clock, LEASE, parts.holder)
        except DATABASE_AWAY as error:
            log.warning("monitor.waiting", error=str(error) or "timeout")
            lease = None
        if lease is not None:
            return lease
        await parts.clock.sleep(_LOOK_FOR_LEASE_S)


async def _watch(parts: PipelineParts, redis: Redis, lease: HeldLease) -> None:
    """Watch until the lease, the database or Redis is lost, or the rules change."""
    async with parts.pool.acquire() as conn:
        rules = await read_rules(conn)
    monitor = MarketMonitor(
        rules,
        parts.pool,
        lease.transaction,
        RedisDepths(redis),
        began_at=parts.clock.now(),
        crashes=parts.crashes,
    )
    feeds_known: KnownFeeds = {}
    await _heed_all(parts, monitor, feeds_known)  # before the first tick: what is a hole
    log.info("monitor.began", fence=lease.fence, rules=rules.version)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lease.keep())
            tasks.create_task(_follow(parts, redis, monitor))
            tasks.create_task(_heed_feeds(parts, monitor, feeds_known))
            tasks.create_task(_heed_rules(parts, rules.version))
    except* RulesChanged:
        log.info("monitor.rules_changed")
    except* Exception as failed:
        raise first_of(failed) from None


class RulesChanged(Exception):
    """Somebody changed the rules."""


async def _follow(parts: PipelineParts, redis: Redis, monitor: MarketMonitor) -> None:
    """Take every entry of the stream, from the oldest that is left on, and look at it.

    The oldest ones rebuild what a predecessor had seen; what it told is known by its key.
    """
    position = BEGINNING
    looked_s = parts.clock.monotonic()
    while True:
        entries = await tick_stream.wait_for_entries(
            redis, position, count=_ENTRIES, block_ms=_BLOCK_MS
        )
        await _heed_loss(parts, redis, monitor, position, entries)
        for entry in entries:
            at_ms = round(entry_time(entry.id).timestamp() * 1_000)
            for exchange, pieces in entry.pieces.items():
                monitor.take(exchange, pieces, at_ms)
            position = entry.id
        now, now_s = parts.clock.now(), parts.clock.monotonic()
        if len(entries) == _ENTRIES and now - entry_time(position) > LATE:
            await monitor.open_new(now)  # what still stands when we have caught up is news
            continue
        if entries or now_s - looked_s >= _RIPEN_S:
            looked_s = now_s
            await monitor.look(now)
            await monitor.save_due(now)


async def _heed_loss(
    parts: PipelineParts,
    redis: Redis,
    monitor: MarketMonitor,
    position: str,
    entries: Sequence[TickEntry],
) -> None:
    """Keep the monitor quiet when entries are gone that it has not read."""
    if position == BEGINNING or not entries:
        return
    if entry_time(entries[0].id) - entry_time(position) < _SILENCE:
        return
    if await tick_stream.find_loss(redis, position) is not None:
        log.warning("monitor.ticks_lost", after=position)
        for exchange in Exchange:
            monitor.mute(exchange, parts.clock.now() + QUIET)


async def _heed_feeds(parts: PipelineParts, monitor: MarketMonitor, known: KnownFeeds) -> None:
    """Keep the monitor quiet while an exchange's ticks have holes, and for a while after."""
    while True:
        await _heed_all(parts, monitor, known)
        await parts.clock.sleep(_FEEDS_S)


async def _heed_all(parts: PipelineParts, monitor: MarketMonitor, known: KnownFeeds) -> None:
    async with parts.pool.acquire() as conn:
        states = {state.feed: state for state in await feeds.list_feed_states(conn)}
    for exchange in Exchange:
        _heed(parts.clock.now, monitor, exchange, states, known)


def _heed(
    now: Callable[[], datetime],
    monitor: MarketMonitor,
    exchange: Exchange,
    states: Mapping[str, FeedState],
    known: KnownFeeds,
) -> None:
    state = states.get(ticks_feed(exchange))
    if state is None:
        return
    monitor.note_stale(exchange, is_stale=state.state == FeedWord.STALE)
    if state.state not in WHOLE:
        known.pop(exchange, None)
    elif known.get(exchange) == (state.state, state.since):
        return
    else:
        known[exchange] = (state.state, state.since)
    whole_since = state.since if state.state in WHOLE else None
    monitor.mute(exchange, quiet_until(state, now()), whole_since=whole_since)


async def _heed_rules(parts: PipelineParts, version: int) -> None:
    """End the watch when the rules have changed; what cannot be read changes nothing."""
    while True:
        await parts.clock.sleep(_RULES_S)
        try:
            async with parts.pool.acquire() as conn:
                found = (await read_rules(conn)).version
        except ValueError as error:
            log.error("monitor.rules_unreadable", error=str(error))
            continue
        if found != version:
            raise RulesChanged
