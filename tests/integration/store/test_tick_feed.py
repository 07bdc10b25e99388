"""Prices in Redis: one batch, one fence, written once."""

import asyncio

import pytest

from app.core.errors import LeaseLost
from app.core.redis import Redis
from app.domain.fold import Flush, FoldBook
from app.domain.types import Exchange
from app.models.tick_entry import decode_entry
from app.store.tick_feed import RETIRED_S, TICKS, TickFeed, market_key
from app.store.tick_seeds import read_seeds
from tests.naive_fold import PlainTick

T0_MS = 1_786_312_800_000
KALSHI = Exchange.KALSHI


def flush_of(*ticks: PlainTick) -> Flush:
    book = FoldBook()
    book.fold(ticks, latest_ms=T0_MS + 10**7)
    return book.take()


async def entries(redis: Redis) -> list[bytes]:
    return [fields[b"kalshi"] for _, fields in await redis.xrange(TICKS)]


async def test_a_batch_is_a_hash_per_market_and_one_entry(redis: Redis) -> None:
    flush = flush_of(PlainTick("M", T0_MS + 5_000), PlainTick("N", T0_MS, last="", bid="0.0000"))
    feed = TickFeed(redis, KALSHI, fence=1)
    written = await feed.write(1, flush.pieces, flush.states)
    await feed.close()
    assert await redis.hgetall(market_key("M")) == {  # type: ignore[misc]
        b"ts_ms": str(T0_MS + 5_000).encode(),
        b"last": b"0.500000",
        b"bid": b"0.490000",
        b"ask": b"0.510000",
        b"bid_size": b"10.00",
        b"ask_size": b"20.00",
        b"volume": b"100.00",
        b"open_interest": b"40.00",
        b"minute": str(T0_MS // 60_000).encode(),
        b"open": b"0.500000",
        b"high": b"0.500000",
        b"low": b"0.500000",
        b"minute_volume": b"0.00",
    }
    none = await redis.hmget(market_key("N"), ["last", "bid", "bid_size", "open"])  # type: ignore[misc]
    assert none == [b"", b"", b"", b""]
    (packed,) = await entries(redis)
    assert decode_entry(packed) == flush.pieces
    assert written.entry == (await redis.xinfo_stream(TICKS))["last-generated-id"].decode()


async def test_a_batch_sent_twice_is_written_once(redis: Redis) -> None:
    flush = flush_of(PlainTick("M", T0_MS))
    feed = TickFeed(redis, KALSHI, fence=1)
    first = await feed.write(1, flush.pieces, flush.states)
    again = await feed.write(1, flush.pieces, flush.states)
    assert (first.entry, again.entry) == (again.entry, first.entry)
    assert len(await entries(redis)) == 1
    await feed.write(2, flush.pieces, flush.states)
    assert len(await entries(redis)) == 2
    await feed.close()


async def test_an_older_fence_writes_nothing(redis: Redis) -> None:
    flush = flush_of(PlainTick("M", T0_MS))
    old, new = TickFeed(redis, KALSHI, fence=9), TickFeed(redis, KALSHI, fence=10)
    await old.write(1, flush.pieces, flush.states)
    await new.write(1, (), ())
    later = flush_of(PlainTick("M", T0_MS + 1_000, last="0.9000"))
    with pytest.raises(LeaseLost):
        await old.write(2, later.pieces, later.states)
    assert await redis.hget(market_key("M"), "last") == b"0.500000"  # type: ignore[misc]
    assert len(await entries(redis)) == 1
    await old.close()
    await new.close()


async def test_a_redis_that_forgot_says_so_and_is_written_to(redis: Redis) -> None:
    flush = flush_of(PlainTick("M", T0_MS))
    feed = TickFeed(redis, KALSHI, fence=1)
    assert not (await feed.write(1, flush.pieces, flush.states)).was_known
    assert (await feed.write(2, flush.pieces, flush.states)).was_known
    await redis.flushdb()
    await redis.script_flush()
    assert not (await feed.write(3, flush.pieces, flush.states)).was_known
    assert await redis.exists(market_key("M"))
    await feed.close()


async def test_a_write_that_was_cancelled_leaves_no_answer_for_the_next(redis: Redis) -> None:
    flush = flush_of(*(PlainTick(f"M{n}", T0_MS) for n in range(400)))
    feed = TickFeed(redis, KALSHI, fence=1)
    await feed.write(1, flush.pieces, flush.states)
    for number in range(2, 30):
        writing = asyncio.create_task(feed.write(number, flush.pieces, flush.states))
        for _ in range(number % 7):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        before = len(await entries(redis))
        written = await feed.write(number, flush.pieces, flush.states)
        newest = (await redis.xinfo_stream(TICKS))["last-generated-id"].decode()
        assert written.entry == newest
        assert len(await entries(redis)) - before in (0, 1)
    assert len(await entries(redis)) == 29
    await feed.close()


async def test_seeds_are_what_was_flushed(redis: Redis) -> None:
    flush = flush_of(PlainTick("M", T0_MS), PlainTick("N", T0_MS + 1, volume=""))
    feed = TickFeed(redis, KALSHI, fence=1)
    await feed.write(1, flush.pieces, flush.states)
    await feed.close()
    seeds = await read_seeds(redis, ["M", "N", "unknown"])
    assert seeds == {"M": (T0_MS, 100_00), "N": (T0_MS + 1, None)}


async def test_a_retired_market_fades(redis: Redis) -> None:
    flush = flush_of(PlainTick("M", T0_MS), PlainTick("N", T0_MS))
    feed = TickFeed(redis, KALSHI, fence=1)
    await feed.write(1, flush.pieces, flush.states)
    await feed.retire(["M", "unknown"])
    await feed.close()
    assert 0 < await redis.ttl(market_key("M")) <= RETIRED_S
    assert await redis.ttl(market_key("N")) == -1
