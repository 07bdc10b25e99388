"""The stream becomes candles exactly, whatever happens in between."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import Pool
from app.core.redis import Redis, create_redis
from app.domain.fold import fold_minutes
from app.domain.ids import market_id
from app.domain.types import Exchange
from app.store import cursors, partitions, tick_stream
from app.store.candles import MarketIds, write_stream_minutes
from app.workers import candles
from app.workers.candles import CURSOR, aggregate_ohlcv, store_entries
from app.workers.task import Deps
from tests.naive_fold import to_bar
from tests.tick_entries import (
    MARKETS,
    TABLES,
    add_entry,
    cut_flushes,
    expected,
    piece,
    random_frames,
    stored,
)

NOW = SystemClock().now()
START_MS = int((NOW - timedelta(hours=20)).timestamp() * 1_000)
MINUTE = int(NOW.timestamp()) // 60 - 5


@pytest.fixture
def deps(pool: Pool, redis: Redis) -> Deps:
    return Deps(Settings(), SystemClock(), pool, redis, holder="test:1")


async def aggregate(deps: Deps) -> Any:
    return await aggregate_ohlcv({"deps": deps})


async def assert_exact(pool: Pool, frames: list[Any]) -> None:
    for table, width in TABLES.items():
        assert await stored(pool, table) == expected(frames, width), table


@pytest.mark.parametrize("seed", range(6))
async def test_random_flushes_and_batches_are_the_naive_fold(
    deps: Deps, pool: Pool, redis: Redis, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candles, "BATCH", 1 + seed * 7)
    monkeypatch.setattr(candles, "LONGEST", 1 + seed**3)
    frames = random_frames(seed, START_MS, 600)
    chance = random.Random(seed)
    for pieces in cut_flushes(frames, seed):
        await add_entry(redis, pieces)
        if chance.random() < 0.1:
            await aggregate(deps)
    await aggregate(deps)
    await assert_exact(pool, frames)
    assert (await aggregate(deps))["candles"] == 0
    await assert_exact(pool, frames)


LATE: dict[str, Any] = {
    "close": None,
    "bid": None,
    "ask": None,
    "open_interest": None,
    "last_ms": 0,
}
NO_PRICE: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"))


@pytest.mark.parametrize("batch", [1, 2, 4])
async def test_late_and_priceless_pieces_in_any_order_and_batch(pool: Pool, batch: int) -> None:
    """A price of late frames only never displaces a close, and is one where there is none."""
    kinds = [
        piece(MINUTE, **LATE, open=300_000, high=310_000, low=290_000),
        piece(MINUTE, **NO_PRICE, bid=None, ask=480_000),
        piece(MINUTE, open=400_000, high=600_000, low=390_000, close=None),
        piece(MINUTE, open=500_000, high=520_000, low=500_000, close=510_000),
    ]
    expected_bars = {}
    async with pool.acquire() as conn, conn.transaction():
        await partitions.create_partitions(conn, now=NOW)
        for number, order in enumerate(permutations(kinds)):
            pieces = [kind._replace(minute=MINUTE - number) for kind in order]
            for first in range(0, len(pieces), batch):
                minutes = list(fold_minutes(pieces[first : first + batch]).values())
                await write_stream_minutes(conn, minutes, MarketIds(Exchange.KALSHI))
            (whole,) = fold_minutes(pieces).values()
            bar = to_bar(whole._replace(close=whole.last_price))
            expected_bars[MARKETS[0], MINUTE - number] = bar
    assert await stored(pool) == expected_bars


async def test_a_batch_that_was_not_committed_is_done_again_once(
    deps: Deps, pool: Pool, redis: Redis
) -> None:
    frames = random_frames(7, START_MS, 200)
    for pieces in cut_flushes(frames, 7):
        await add_entry(redis, pieces)
    entries = await tick_stream.read_entries(redis, cursors.BEGINNING, count=20)
    async with pool.acquire() as conn:
        killed = conn.transaction()
        await killed.start()
        await store_entries(conn, entries, after=cursors.BEGINNING, now=NOW)
        await killed.rollback()
        assert await store_entries(conn, entries, after=cursors.BEGINNING, now=NOW)
        assert not await store_entries(conn, entries, after=cursors.BEGINNING, now=NOW)
    await aggregate(deps)
    await assert_exact(pool, frames)


async def test_cancelled_at_random_moments_nothing_doubles(
    deps: Deps, pool: Pool, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candles, "BATCH", 5)
    frames = random_frames(8, START_MS, 800)
    for pieces in cut_flushes(frames, 8):
        await add_entry(redis, pieces)
    chance = random.Random(8)
    for _ in range(12):
        working = asyncio.ensure_future(aggregate(deps))
        await asyncio.sleep(chance.uniform(0.005, 0.12))
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    await aggregate(deps)
    await assert_exact(pool, frames)


async def test_several_at_once_count_each_piece_once(pool: Pool, redis: Redis) -> None:
    frames = random_frames(9, START_MS, 800)
    for pieces in cut_flushes(frames, 9):
        await add_entry(redis, pieces)

    async def work(size: int) -> None:
        position = cursors.BEGINNING
        while entries := await tick_stream.read_entries(redis, position, count=size):
            async with pool.acquire() as conn:
                done = await store_entries(conn, entries, after=position, now=NOW)
                position = entries[-1].id if done else await cursors.read_cursor(conn, CURSOR)

    await asyncio.gather(work(7), work(11), work(13))
    await assert_exact(pool, frames)


async def test_redis_flushed_in_between_loses_only_what_it_held(
    deps: Deps, pool: Pool, redis: Redis
) -> None:
    frames = random_frames(10, START_MS, 400)
    flushes = cut_flushes(frames, 10)
    for pieces in flushes:
        await add_entry(redis, pieces)
    await aggregate(deps)
    await redis.flushdb()
    assert "lost" not in await aggregate(deps)
    await add_entry(redis, [piece(MINUTE + 600)])
    assert (await aggregate(deps))["lost"] == 1
    assert "lost" not in await aggregate(deps)
    assert await pool.fetchval("SELECT count(*) FROM alpha.candle_backfills") == 0


async def test_trimmed_entries_are_asked_of_the_exchange(
    deps: Deps, pool: Pool, redis: Redis
) -> None:
    await add_entry(redis, [piece(MINUTE)])
    await aggregate(deps)
    for minute in range(5):
        await add_entry(redis, [piece(MINUTE, MARKETS[minute % 2])])
    await redis.xtrim("ticks", maxlen=2, approximate=False)
    counts = await aggregate(deps)
    assert (counts["lost"], counts["entries"]) == (1, 2)
    rows = await pool.fetch("SELECT * FROM alpha.candle_backfills")
    assert {row["market_id"] for row in rows} == {
        market_id(Exchange.KALSHI, ext_id) for ext_id in MARKETS[:2]
    }
    assert {row["reason"] for row in rows} == {"unread"}
    assert all(row["since"] < datetime.now(UTC) - timedelta(minutes=1) for row in rows)


async def test_redis_back_at_an_earlier_state_is_a_loss_too(
    deps: Deps, pool: Pool, redis: Redis
) -> None:
    await add_entry(redis, [piece(MINUTE)])
    last = await add_entry(redis, [piece(MINUTE)])
    await aggregate(deps)
    await redis.xdel("ticks", last)
    assert "lost" not in await aggregate(deps)
    await add_entry(redis, [piece(MINUTE)])
    assert (await aggregate(deps))["lost"] == 1
    assert (await stored(pool))[MARKETS[0], MINUTE].frames == 3
    assert await pool.fetchval("SELECT count(*) FROM alpha.candle_backfills") == 1


async def test_broken_entries_and_pieces_cost_themselves(
    deps: Deps, pool: Pool, redis: Redis
) -> None:
    bad = [
        piece(MINUTE, open=-1),
        piece(MINUTE, close=1_000_001),
        piece(MINUTE, volume=-5),
        piece(MINUTE, volume=2**62),
        piece(MINUTE, frames=0),
        piece(MINUTE, ext_id=""),
        piece(MINUTE, ext_id="A\x00B"),
        piece(0),
        piece(MINUTE - 60 * 24 * 10),
        piece(MINUTE + 60 * 24 * 20),
        piece(10**15, last_ms=1),
    ]
    await add_entry(redis, [*bad, piece(MINUTE)])
    await add_entry(redis, [piece(MINUTE)], field="nowhere")
    await redis.xadd("ticks", {"kalshi": b"\xc1garbage"})
    await redis.xadd("ticks", {b"\xff": b"\x00"})
    await add_entry(redis, [piece(MINUTE)])
    counts = await aggregate(deps)
    assert (counts["entries"], counts["dropped"], counts["ticks"]) == (5, len(bad) + 3, 2)
    (bar,) = (await stored(pool)).values()
    assert (bar.frames, bar.volume) == (2, Decimal(2))
    assert await pool.fetchval("SELECT count(*) FROM alpha.market_ticks_default") == 0
    assert await pool.fetchval("SELECT count(*) FROM alpha.ingest_rejects") >= 8


async def test_a_row_the_table_refuses_does_not_stop_the_cursor(
    deps: Deps, pool: Pool, redis: Redis
) -> None:
    """Each volume is allowed, their sum is not: that is known only by the table."""
    most = 10**17 - 1
    for _ in range(12):
        pieces = [piece(MINUTE, ext_id, volume=100) for ext_id in MARKETS[1:]]
        await add_entry(redis, [*pieces, piece(MINUTE, volume=most)])
        await aggregate(deps)
    bars = await stored(pool)
    assert bars[MARKETS[1], MINUTE].volume == bars[MARKETS[2], MINUTE].volume == 12
    assert 0 < bars[MARKETS[0], MINUTE].frames < 12
    hours = await stored(pool, "market_ticks_1h")
    assert sum(bar.frames for bar in hours.values()) == sum(bar.frames for bar in bars.values())
    assert (await aggregate(deps))["entries"] == 0


async def test_the_exchanges_own_minutes_are_left_alone(
    deps: Deps, pool: Pool, redis: Redis
) -> None:
    await add_entry(redis, [piece(MINUTE), piece(MINUTE + 1)])
    await aggregate(deps)
    await pool.execute(
        "UPDATE alpha.market_ticks SET source = 'exchange' WHERE bucket_at = to_timestamp($1)",
        MINUTE * 60,
    )
    await add_entry(redis, [piece(MINUTE, high=900_000), piece(MINUTE + 1, high=800_000)])
    counts = await aggregate(deps)
    assert (counts["candles"], counts["blocked"]) == (1, 1)
    bars = await stored(pool)
    assert bars[MARKETS[0], MINUTE].frames == 1
    assert bars[MARKETS[0], MINUTE + 1].frames == 2
    hours = (await stored(pool, "market_ticks_1h")).values()
    assert sum(bar.frames for bar in hours) == 3
    assert max(bar.high or 0 for bar in hours) == Decimal("0.8")


async def test_without_redis_it_says_so(deps: Deps, pool: Pool) -> None:
    away = Deps(
        deps.settings, deps.clock, pool, create_redis("redis://127.0.0.1:1"), holder="test:2"
    )
    assert (await aggregate(away))["incomplete"] == 1
    await away.redis.aclose()
