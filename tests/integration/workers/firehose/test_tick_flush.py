"""From the fold to Redis: once, in order, through its absences, never after another holder."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.core.clock import SystemClock
from app.core.database import Pool
from app.core.errors import LeaseLost
from app.core.redis import Redis, create_redis
from app.domain.fold import FoldBook, MicroCandle, fold_minutes
from app.domain.types import Exchange
from app.models.tick_entry import decode_entry
from app.store.held_lease import HeldLease, try_to_hold
from app.store.tick_feed import TICKS, TickFeed, market_key
from app.workers.firehose.tick_flush import TickFlusher
from tests.e2e.firehose.proxy import SocketProxy
from tests.naive_fold import PlainTick, naive_fold, to_bar

T0_MS = 1_786_312_800_000
FAR_MS = T0_MS + 10**8
Make = Callable[[Redis, HeldLease], tuple[FoldBook, TickFlusher]]


@pytest.fixture
async def lease(pool: Pool) -> HeldLease:
    held = await try_to_hold(pool, SystemClock(), "firehose:kalshi", "test")
    assert held is not None
    return held


@pytest.fixture
def way(redis_url: str, tmp_path: Path) -> Iterator[SocketProxy]:
    """Redis behind a socket that can be cut."""
    proxy = SocketProxy(tmp_path / "r.sock", Path(urlsplit(redis_url).path))
    yield proxy
    proxy.stop()


@pytest.fixture
async def far_redis(redis: Redis, redis_url: str, way: SocketProxy) -> AsyncIterator[Redis]:
    client = create_redis(f"unix://{way.listen}?{urlsplit(redis_url).query}")
    client.connection_pool.connection_kwargs["socket_timeout"] = 0.3
    yield client
    await client.aclose()


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Make a fold and what flushes it under a lease."""
    feeds: list[TickFeed] = []

    def build(redis: Redis, lease: HeldLease) -> tuple[FoldBook, TickFlusher]:
        book = FoldBook()
        feeds.append(TickFeed(redis, Exchange.KALSHI, lease.fence))
        return book, TickFlusher(book, feeds[-1], lease, SystemClock())

    yield build
    for feed in feeds:
        await feed.close()


def ticks(count: int, markets: int = 3) -> list[PlainTick]:
    return [
        PlainTick(
            f"M{n % markets}",
            T0_MS + n * 450,
            last=f"0.{30 + n * 7 % 40}00",
            volume=f"{100 + n}.00",
        )
        for n in range(count)
    ]


async def pieces(redis: Redis) -> list[MicroCandle]:
    entries = [fields[b"kalshi"] for _, fields in await redis.xrange(TICKS)]
    return [piece for packed in entries for piece in decode_entry(packed)]


async def check(redis: Redis, sent: list[PlainTick]) -> None:
    """Everything that was sent is in the stream, once."""
    minutes = fold_minutes(await pieces(redis))
    assert {key: to_bar(minute) for key, minute in minutes.items()} == naive_fold(sent)


async def test_flushes_add_up(redis: Redis, lease: HeldLease, make: Make) -> None:
    book, flusher = make(redis, lease)
    sent = ticks(1_000)
    for at in range(0, len(sent), 37):
        book.fold(sent[at : at + 37], latest_ms=FAR_MS)
        assert await flusher.flush()
    await check(redis, sent)
    assert flusher.ticks == 1_000
    flushed = flusher.take_flushed()
    assert {name: state.volume for name, state in flushed.states.items()} == {
        "M0": 1099_00,
        "M1": 1097_00,
        "M2": 1098_00,
    }
    assert len(flushed.spans) == 3
    assert flushed.lost == 1  # at its first write nobody had written before
    assert not flusher.take_flushed().states


async def test_a_flush_of_many_markets_goes_out_in_parts(
    redis: Redis, lease: HeldLease, make: Make
) -> None:
    book, flusher = make(redis, lease)
    sent = ticks(5_000, markets=1_700)
    book.fold(sent, latest_ms=FAR_MS)
    await flusher.flush()
    assert await redis.xlen(TICKS) > 3
    await check(redis, sent)


async def test_what_redis_missed_is_written_when_it_is_back(
    redis: Redis, far_redis: Redis, way: SocketProxy, lease: HeldLease, make: Make
) -> None:
    book, flusher = make(far_redis, lease)
    sent = ticks(600)
    for at in range(0, len(sent), 50):
        if at == 100:
            way.cut()
        if at == 300:
            way.join()
        book.fold(sent[at : at + 50], latest_ms=FAR_MS)
        await flusher.flush()
    for _ in range(50):
        if await flusher.flush():
            break
    await check(redis, sent)


async def test_a_redis_that_forgot_gets_every_market_again(
    redis: Redis, lease: HeldLease, make: Make
) -> None:
    book, flusher = make(redis, lease)
    book.fold(ticks(3), latest_ms=FAR_MS)
    await flusher.flush()
    flusher.take_flushed()
    await redis.flushdb()
    book.fold(ticks(4)[3:], latest_ms=FAR_MS)
    await flusher.flush()
    assert flusher.take_flushed().lost == 1
    assert all([await redis.exists(market_key(f"M{n}")) for n in range(3)])


async def test_a_redis_that_forgot_gets_what_a_predecessor_wrote(
    redis: Redis, lease: HeldLease, make: Make
) -> None:
    earlier = FoldBook()
    earlier.fold(ticks(3), latest_ms=FAR_MS)
    stored = earlier.take().states
    book, flusher = make(redis, lease)
    book.fold([replace(ticks(1)[0], last="0.9900")], latest_ms=FAR_MS)
    await flusher.flush()
    flusher.restore(stored)
    await flusher.flush()
    assert await redis.hget(market_key("M0"), "last") == b"0.990000"  # type: ignore[misc]
    assert all([await redis.exists(market_key(f"M{n}")) for n in range(3)])


async def test_a_redis_that_is_away_for_long_costs_the_lease(
    far_redis: Redis, way: SocketProxy, lease: HeldLease, make: Make
) -> None:
    book, flusher = make(far_redis, lease)
    way.cut()
    keeping = asyncio.create_task(lease.keep())
    book.fold(ticks(3), latest_ms=FAR_MS)
    with pytest.raises(LeaseLost, match="no Redis"):
        await flusher.run()
    keeping.cancel()


async def test_a_holder_that_slept_writes_nothing(
    redis: Redis, pool: Pool, lease: HeldLease, make: Make
) -> None:
    book, flusher = make(redis, lease)
    book.fold(ticks(3), latest_ms=FAR_MS)
    await flusher.flush()
    await pool.execute("UPDATE alpha.leases SET expires_at = clock_timestamp()")
    other = await try_to_hold(pool, SystemClock(), "firehose:kalshi", "other")
    assert other is not None
    other_book, other_flusher = make(redis, other)
    other_book.fold(ticks(6)[3:], latest_ms=FAR_MS)
    await other_flusher.flush()
    before = await redis.xlen(TICKS)
    book.fold(ticks(9)[6:], latest_ms=FAR_MS)
    with pytest.raises(LeaseLost):
        await flusher.flush()
    with pytest.raises(LeaseLost):
        async with lease.transaction():
            pytest.fail("an old holder's transaction began")
    assert await redis.xlen(TICKS) == before
