"""The monitor: a traded jump becomes one detection with its siblings; gaps and repeats do not."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.fold import MicroCandle
from app.pipeline.market_monitor import run_market_monitor
from tests.monitor_tapes import AWAY, BEGAN, HOME, KALSHI, at, feed, open_monitor
from tests.pipeline_factories import add_market, make_parts
from tests.tick_entries import add_entry

pytestmark = pytest.mark.usefixtures("clean_tables")


def quiet(seconds: range, *, home: int = 60) -> Iterator[tuple[MicroCandle, int]]:
    """Yield both teams of a game, traded a little at the same prices, every ten seconds."""
    for second in seconds:
        yield at(HOME, second, home, contracts=20)
        yield at(AWAY, second, 100 - home, contracts=20)


def jump(begin: int) -> Iterator[tuple[MicroCandle, int]]:
    """Yield a move of both teams by 16 cents within four seconds, traded all the way."""
    for step in range(5):
        yield at(HOME, begin + step, 60 - 4 * step, contracts=900)
        yield at(AWAY, begin + step, 40 + 4 * step, contracts=900)


async def add_game(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await add_market(conn, HOME)
        await add_market(conn, AWAY, outcome="Miami")
        await conn.execute("UPDATE alpha.markets SET open_at = $1", BEGAN - timedelta(days=2))


async def test_a_traded_jump_is_found_at_once_with_what_moved_along(pool: Pool) -> None:
    await add_game(pool)
    monitor = await open_monitor(pool)
    assert await feed(monitor, quiet(range(0, 1_200, 10))) == 0
    assert await feed(monitor, jump(1_200)) >= 1
    rows = await pool.fetch("SELECT * FROM alpha.detections ORDER BY decided_at, id")
    first = rows[0]
    delay = first["decided_at"] - (BEGAN + timedelta(seconds=1_200))
    assert delay <= timedelta(seconds=5)
    assert first["kind"] == "line_move"
    assert first["price_before"] == Decimal("0.6" if first["direction"] < 0 else "0.4")
    assert abs(first["started_at"] - (BEGAN + timedelta(seconds=1_200))) <= timedelta(seconds=11)
    assert len(first["markets"]) == 2, "the other team moved along"
    assert len({row["episode_id"] for row in rows}) == 1


async def test_a_successor_says_nothing_that_was_said(pool: Pool) -> None:
    await add_game(pool)
    await feed(await open_monitor(pool), [*quiet(range(0, 1_200, 10)), *jump(1_200)])
    known = await pool.fetchval("SELECT count(*) FROM alpha.detections")
    assert known
    successor = await open_monitor(pool)
    again = await feed(successor, [*quiet(range(900, 1_200, 10)), *jump(1_200)])
    assert again == 0
    assert await pool.fetchval("SELECT count(*) FROM alpha.detections") == known


async def test_a_jump_across_a_gap_is_no_move(pool: Pool) -> None:
    await add_game(pool)
    monitor = await open_monitor(pool)
    await feed(monitor, quiet(range(0, 1_200, 10)))
    monitor.mute(KALSHI, BEGAN + timedelta(seconds=1_240))
    assert await feed(monitor, quiet(range(1_210, 1_500, 5), home=44)) == 0


async def test_a_move_that_begins_soon_after_a_gap_is_found_when_the_quiet_ends(
    pool: Pool,
) -> None:
    await add_game(pool)
    monitor = await open_monitor(pool)
    await feed(monitor, quiet(range(0, 1_200, 10)))
    monitor.mute(KALSHI, BEGAN + timedelta(seconds=1_240))
    assert await feed(monitor, [*quiet(range(1_210, 1_220, 2)), *jump(1_220)]) == 0
    assert await feed(monitor, quiet(range(1_225, 1_240, 2), home=44)) == 0
    assert await feed(monitor, quiet(range(1_240, 1_250, 2), home=44)) >= 1


async def test_what_is_old_is_not_told(pool: Pool) -> None:
    await add_game(pool)
    monitor = await open_monitor(pool)
    late = BEGAN + timedelta(hours=1)
    for made, at_ms in [*quiet(range(0, 1_200, 10)), *jump(1_200)]:
        monitor.take(KALSHI, [made], at_ms)
        assert await monitor.look(late) == 0


async def test_unknown_markets_are_asked_for_again(pool: Pool) -> None:
    monitor = await open_monitor(pool)
    assert await feed(monitor, quiet(range(0, 20, 10))) == 0
    assert len(monitor) == 0
    await add_game(pool)
    await feed(monitor, quiet(range(20, 60, 10)))
    assert len(monitor) == 2


async def test_baselines_survive_a_take_over(pool: Pool) -> None:
    await add_game(pool)
    monitor = await open_monitor(pool)
    await feed(monitor, quiet(range(0, 1_200, 10)))
    assert await monitor.save_due(BEGAN + timedelta(minutes=4)) == 0
    assert await monitor.save_due(BEGAN + timedelta(minutes=20)) == 2
    assert await monitor.save_due(BEGAN + timedelta(minutes=26)) == 0, "nothing is new"
    rows = await pool.fetch("SELECT through_at FROM alpha.market_baselines")
    assert [row["through_at"] for row in rows] == [BEGAN + timedelta(minutes=18)] * 2


async def test_the_whole_monitor_on_a_real_stream_under_its_lease(pool: Pool, redis: Redis) -> None:
    await add_game(pool)
    now = datetime.now(UTC)
    shift_ms = int((now - BEGAN).total_seconds() * 1_000) - 1_210_000
    for made, _ in [*quiet(range(0, 1_200, 10)), *jump(1_200)]:
        last_ms = made.last_ms + shift_ms
        await add_entry(redis, [made._replace(last_ms=last_ms, minute=last_ms // 60_000)])
    parts = replace(make_parts(pool), clock=SystemClock(), settings=Settings())
    running = [
        asyncio.create_task(run_market_monitor(replace(parts, holder=holder), redis))
        for holder in ("one", "two")
    ]
    try:
        for _ in range(200):
            if await pool.fetchval("SELECT count(*) FROM alpha.detections"):
                break
            await asyncio.sleep(0.1)
        assert await pool.fetchval("SELECT count(*) FROM alpha.detections")
        held = await pool.fetch("SELECT holder FROM alpha.leases WHERE name = 'market_monitor'")
        assert [row["holder"] for row in held] in (["one"], ["two"])
    finally:
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
