"""The monitor under attack: outages, holes, markets nobody knows, markets that change or end."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock import SystemClock
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.fold import MicroCandle
from app.models.tick_entry import encode_entry
from app.pipeline.market_monitor import run_market_monitor
from app.pipeline.market_monitor.run import _heed_rules
from app.pipeline.market_monitor.waiting import WaitingMarkets
from app.store import feeds
from app.store.rules import read_rules
from tests.monitor_tapes import (
    AWAY,
    BEGAN,
    HOME,
    KALSHI,
    Pieces,
    at,
    feed,
    open_monitor,
)
from tests.pipeline_factories import (
    add_market,
    change,
    detect,
    make_detection,
    make_parts,
    prices,
)

pytestmark = pytest.mark.usefixtures("clean_tables")


def quiet(ext_id: str, seconds: range, cents: int) -> list[tuple[MicroCandle, int]]:
    """Return an unmoved market in which two contracts a second are traded."""
    each = 2 * seconds.step
    return [at(ext_id, second, cents, contracts=each) for second in seconds]


def jump(ext_id: str, begin: int) -> list[tuple[MicroCandle, int]]:
    """Return a move from 60 to 44 cents within four seconds, traded all the way."""
    return [at(ext_id, begin + step, 60 - 4 * step, contracts=900) for step in range(5)]


async def add_old_market(pool: Pool, *ext_ids: str) -> None:
    async with pool.acquire() as conn:
        for ext_id in ext_ids:
            await add_market(conn, ext_id, event=ext_id.rpartition("-")[0])
        await conn.execute("UPDATE alpha.markets SET open_at = $1", BEGAN - timedelta(days=2))


async def test_one_bad_piece_costs_its_market_only(pool: Pool) -> None:
    await add_old_market(pool, HOME, "KXGAME-2-LAL")
    monitor = await open_monitor(pool)
    await feed(monitor, quiet(HOME, range(0, 1_200, 10), 60))
    await feed(monitor, quiet("KXGAME-2-LAL", range(0, 1_200, 10), 60))
    broken, at_ms = at("KXGAME-2-LAL", 1_199, 60)
    monitor.take(KALSHI, [broken._replace(bid="none")], at_ms)  # type: ignore[arg-type]
    assert await feed(monitor, [*jump(HOME, 1_200), *quiet(HOME, range(1_205, 1_215), 44)]) == 1
    await feed(monitor, quiet("KXGAME-2-LAL", range(1_220, 1_230), 60))
    assert len(monitor) == 2, "the other market is watched again"


async def test_a_detection_the_table_refuses_costs_itself(pool: Pool) -> None:
    async with pool.acquire() as conn:
        home, away = await add_market(conn, HOME), await add_market(conn, AWAY)
    bad = make_detection([change(home, prices("0.62"), prices("7"))], key="bad")
    good = make_detection([change(away, prices("0.62"), prices("0.48"))], key="good")
    assert await detect(pool, bad, good) == [good.id]


async def test_the_trouble_of_one_exchange_silences_no_other(pool: Pool) -> None:
    await add_old_market(pool, HOME)
    async with pool.acquire() as conn:
        await feeds.set_feed_state(conn, "polymarket.ticks", "stale", now=BEGAN)
        await feeds.set_feed_state(conn, "kalshi.ticks", "live", now=BEGAN - timedelta(days=1))
    monitor = await open_monitor(pool)
    await feed(monitor, quiet(HOME, range(0, 1_200, 10), 60))
    assert await feed(monitor, [*jump(HOME, 1_200), *quiet(HOME, range(1_205, 1_215), 44)]) == 1


async def test_a_successor_compares_nothing_across_an_old_hole(pool: Pool) -> None:
    await add_old_market(pool, HOME)
    monitor = await open_monitor(pool)
    hole_ended = BEGAN + timedelta(seconds=1_210)
    monitor.mute(KALSHI, hole_ended + timedelta(seconds=30), whole_since=hole_ended)
    behind = [*quiet(HOME, range(900, 1_200, 10), 60), *quiet(HOME, range(1_211, 1_300, 3), 44)]
    for made, at_ms in behind:
        monitor.take(KALSHI, [made], at_ms)
    assert await monitor.look(BEGAN + timedelta(seconds=1_300)) == 0
    assert await feed(monitor, quiet(HOME, range(1_301, 1_600, 5), 44)) == 0


async def test_a_game_that_begins_earlier_is_no_longer_watched_as_before(pool: Pool) -> None:
    await add_old_market(pool, "KXNFLGAME-26NOV232000BOSMIA-BOS")
    await pool.execute("UPDATE alpha.series SET category = 'Sports'")
    ext_id = "KXNFLGAME-26NOV232000BOSMIA-BOS"
    monitor = await open_monitor(pool)
    await feed(monitor, quiet(ext_id, range(0, 1_200, 10), 60))
    await pool.execute(
        "UPDATE alpha.events SET ext_id = 'KXNFLGAME-26NOV221310BOSMIA' WHERE ext_id LIKE 'KXNFL%'"
    )
    await feed(monitor, quiet(ext_id, range(1_200, 1_300, 10), 60))
    assert await feed(monitor, [*jump(ext_id, 1_300), *quiet(ext_id, range(1_305, 1_330), 44)]) == 0


@pytest.mark.parametrize(
    "what", ["status = 'settled'", "status = 'determined'", "is_deleted = true", "is_combo = true"]
)
async def test_markets_that_are_over_are_let_go(pool: Pool, what: str) -> None:
    await add_old_market(pool, HOME, AWAY)
    monitor = await open_monitor(pool)
    await feed(monitor, [*quiet(HOME, range(0, 60, 10), 60), *quiet(AWAY, range(60, 70), 40)])
    assert len(monitor) == 2
    await pool.execute(f"UPDATE alpha.markets SET {what} WHERE ext_id = $1", HOME)
    await feed(monitor, quiet(AWAY, range(70, 200, 10), 40))
    assert len(monitor) == 1
    await feed(monitor, quiet(HOME, range(200, 300, 10), 60))
    assert len(monitor) == 1, "its last ticks open no watch"


async def test_a_history_that_comes_after_the_first_saving_is_taken_up(pool: Pool) -> None:
    await add_old_market(pool, HOME)
    monitor = await open_monitor(pool)
    await feed(monitor, quiet(HOME, range(0, 240, 10), 60))
    assert await monitor.save_due(BEGAN + timedelta(minutes=5)) == 1
    await pool.execute(
        """
        INSERT INTO alpha.market_ticks (market_id, bucket_at, close, bid, ask, volume)
        SELECT id, $1::timestamptz - make_interval(mins => g), .6, .59, .61, 10
        FROM alpha.markets, generate_series(1, 300) g
        """,
        BEGAN,
    )
    await feed(monitor, quiet(HOME, range(240, 400, 10), 60))
    await monitor.save_due(BEGAN + timedelta(minutes=11))
    state = await pool.fetchval("SELECT state FROM alpha.market_baselines")
    assert state["calm"][2] > 250, "minutes known"


def test_markets_nobody_knows_cost_little_and_are_asked_for_less_and_less() -> None:
    waiting, asked, now = WaitingMarkets(), 0, BEGAN
    most_kept = 0
    for second in range(0, 3_600, 5):
        now = BEGAN + timedelta(seconds=second)
        for number in range(400):
            waiting.keep((KALSHI, f"KXMVE-{number}"), at(f"KXMVE-{number}", second, 50))
        most_kept = max(most_kept, waiting.kept)
        for key in waiting.take_due(now):
            asked += 1
            waiting.put_off(key, now)
    assert len(waiting) == 400
    assert waiting.kept == 0
    assert most_kept <= 400 * 9
    assert asked <= 400 * 11


def test_waiting_pieces_are_limited_in_all() -> None:
    waiting = WaitingMarkets()
    kept = at("KXMVE", 0, 50)
    for number in range(300):
        for _ in range(700):
            waiting.keep((KALSHI, f"KXMVE-{number}"), kept)
    assert waiting.kept == 100_000
    keys = [key for _ in range(2) for key in waiting.take_due(BEGAN)]
    assert sum(len(waiting.pop(key)) for key in keys) == 100_000
    assert (len(waiting), waiting.kept) == (0, 0)


async def play(redis: Redis, pieces: Pieces, *, ended_ago_s: float, last_second: float) -> None:
    """Put pieces into the stream, shifted so that `last_second` was so long ago, as Redis had."""
    now_ms = int(datetime.now(UTC).timestamp() * 1_000)
    shift_ms = now_ms - int(ended_ago_s * 1_000) - int((BEGAN.timestamp() + last_second) * 1_000)
    for number, (made, _) in enumerate(pieces):
        last_ms = made.last_ms + shift_ms
        moved = made._replace(last_ms=last_ms, minute=last_ms // 60_000)
        await redis.xadd("ticks", {"kalshi": encode_entry([moved])}, id=f"{last_ms}-{number}")


async def watch_for(pool: Pool, redis: Redis, seconds: float) -> int:
    """Run the whole monitor for so long; return how many detections it wrote."""
    parts = replace(make_parts(pool), clock=SystemClock())
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await run_market_monitor(parts, redis)
    found: int = await pool.fetchval("SELECT count(*) FROM alpha.detections")
    return found


async def test_a_move_in_an_outage_that_still_stands_is_told(pool: Pool, redis: Redis) -> None:
    await add_old_market(pool, HOME)
    pieces = [
        *quiet(HOME, range(-6_400, 1_200, 20), 60),
        *jump(HOME, 1_200),
        *quiet(HOME, range(1_205, 1_440), 44),
    ]
    await play(redis, pieces, ended_ago_s=0, last_second=1_440)
    assert await watch_for(pool, redis, 5) == 1


async def test_a_move_in_an_outage_that_is_undone_is_not_told(pool: Pool, redis: Redis) -> None:
    await add_old_market(pool, HOME)
    pieces = [
        *quiet(HOME, range(-6_400, 1_200, 20), 60),
        *jump(HOME, 1_200),
        *quiet(HOME, range(1_205, 1_250), 44),
        *quiet(HOME, range(1_250, 1_440), 60),
    ]
    await play(redis, pieces, ended_ago_s=0, last_second=1_440)
    assert await watch_for(pool, redis, 3) == 0


async def test_an_operators_typo_in_a_rule_does_not_end_the_watch(pool: Pool) -> None:
    async with pool.acquire() as conn:
        version = (await read_rules(conn)).version
    await pool.execute("UPDATE alpha.rules SET body = body - 'warm_minutes' WHERE name='baseline'")
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await _heed_rules(make_parts(pool), version)
    finally:
        await pool.execute(
            "UPDATE alpha.rules SET body = body || '{\"warm_minutes\": 120}' WHERE name='baseline'"
        )
