"""One bad row costs itself only; two processes at once say nothing twice; steps survive outages."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from app.core.clock import SystemClock
from app.core.database import Pool
from app.domain.detections import Detection, DetectionKind
from app.domain.types import MarketId
from app.pipeline.attribute import attribute_due
from app.pipeline.notify import notify_due
from app.pipeline.step import Ear, run_step
from app.pipeline.sweep import sweep
from app.pipeline.word import word_due
from app.store.alert_control import retract_alert
from app.store.notify_channel import Channel
from tests.pipeline_factories import (
    NOW,
    add_follow,
    add_market,
    add_person,
    add_position,
    change,
    decide_and_tell,
    detect,
    make_detection,
    make_parts,
    prices,
)

pytestmark = pytest.mark.usefixtures("clean_tables")

BEFORE, AFTER = prices("0.62", "0.61", "0.63"), prices("0.48", "0.47", "0.49")


async def add_games(pool: Pool, count: int) -> list[MarketId]:
    """Add games with one market each; one person, `p<number>`, holds each."""
    markets = []
    async with pool.acquire() as conn:
        for number in range(count):
            event = f"KXGAME-{number}"
            market = await add_market(conn, f"{event}-BOS", event=event)
            await add_position(conn, await add_person(conn, f"p{number}"), market, "100")
            markets.append(market)
    return markets


def move(market: MarketId, number: int, **fields: Any) -> Detection:
    """Return a move of the market of game `number`, decided in the order of the numbers."""
    now = NOW + timedelta(milliseconds=number)
    moved = change(market, BEFORE, AFTER)
    given: dict[str, Any] = {"event": f"KXGAME-{number}", "now": now, "key": str(number)}
    return make_detection([moved], **(given | fields))


async def test_a_spike_as_the_detector_writes_it_gets_its_words(pool: Pool) -> None:
    (market,) = await add_games(pool, 1)
    spike = move(market, 0, kind=DetectionKind.VOLUME_SPIKE)
    numbers: dict[str, Any] = {
        "volume": "12400.50",
        "threshold": "5000.00",
        "minutes": 5,
        "prints": 9,
    }
    await detect(pool, replace(spike, finding=replace(spike.finding, numbers=numbers)))
    await decide_and_tell(make_parts(pool))
    body = await pool.fetchval("SELECT body FROM alpha.alerts")
    assert "Unusual volume: 12,400 contracts in 5 minutes" in body


async def test_a_detection_that_cannot_be_read_costs_itself(pool: Pool) -> None:
    markets = await add_games(pool, 2)
    await detect(pool, *(move(market, number) for number, market in enumerate(markets)))
    await pool.execute(
        """UPDATE alpha.detections SET markets = '[{"market_id": "none"}]' WHERE market_id = $1""",
        markets[0],
    )
    await decide_and_tell(make_parts(pool))
    rows = await pool.fetch(
        "SELECT outcome, outcome_reason FROM alpha.detections ORDER BY decided_at"
    )
    assert [tuple(row) for row in rows] == [("suppressed", "unreadable"), ("alerted", None)]
    assert await pool.fetchval("SELECT count(*) FROM alpha.notifications") == 1


async def test_a_detection_that_no_alert_can_be_made_of_costs_itself(pool: Pool) -> None:
    markets = await add_games(pool, 2)
    await detect(pool, *(move(market, number) for number, market in enumerate(markets)))
    await pool.execute(
        """
        UPDATE alpha.detections SET markets = jsonb_set(markets, '{0,now,0}', '"7"')
        WHERE market_id = $1
        """,
        markets[0],
    )
    await decide_and_tell(make_parts(pool))
    rows = await pool.fetch(
        "SELECT outcome, outcome_reason FROM alpha.detections ORDER BY decided_at"
    )
    assert [tuple(row) for row in rows] == [("suppressed", "unreadable"), ("alerted", None)]
    assert await pool.fetchval("SELECT count(*) FROM alpha.alerts") == 1


async def test_an_alert_that_cannot_be_worded_costs_itself(pool: Pool) -> None:
    markets = await add_games(pool, 2)
    await detect(pool, *(move(market, number) for number, market in enumerate(markets)))
    parts = make_parts(pool)
    await attribute_due(parts)
    await pool.execute(
        "UPDATE alpha.alert_markets SET price_before = NULL WHERE market_id = $1", markets[0]
    )
    await decide_and_tell(parts)
    rows = await pool.fetch(
        """
        SELECT a.retracted_reason, a.notified_at IS NOT NULL
        FROM alpha.alerts a JOIN alpha.detections d ON d.id = a.detection_id ORDER BY d.decided_at
        """
    )
    assert rows[0][0].startswith("unwordable")
    assert [row[1] for row in rows] == [False, True]
    assert (await sweep(make_parts(pool, now=NOW + timedelta(minutes=1)))).unworded == 0


async def test_after_an_alert_nobody_heard_of_the_next_detection_is_told(pool: Pool) -> None:
    (market,) = await add_games(pool, 1)
    await detect(pool, move(market, 0))
    parts = make_parts(pool)
    await attribute_due(parts)
    await pool.execute("UPDATE alpha.alert_markets SET price_before = NULL")
    await decide_and_tell(parts)
    assert await pool.fetchval("SELECT count(*) FROM alpha.notifications") == 0
    await detect(pool, move(market, 0, key="again"))
    await decide_and_tell(parts)
    assert await pool.fetchval("SELECT count(*) FROM alpha.notifications") == 1


async def test_an_alert_whose_fan_out_fails_keeps_nobody_waiting(pool: Pool) -> None:
    markets = await add_games(pool, 3)
    async with pool.acquire() as conn:
        for number, market in enumerate(markets):
            await add_follow(conn, await add_person(conn, f"f{number}"), market)
    await detect(pool, *(move(market, number) for number, market in enumerate(markets)))
    parts = make_parts(pool)
    await attribute_due(parts)
    await word_due(parts)
    bad = await pool.fetchval(
        """
        UPDATE alpha.alerts SET numbers = '{"is_wide": "perhaps"}'
        WHERE id = (SELECT id FROM alpha.alerts ORDER BY decided_at LIMIT 1) RETURNING id
        """
    )
    while await notify_due(parts):
        pass
    told = await pool.fetch("SELECT id FROM alpha.alerts WHERE notified_at IS NOT NULL")
    assert len(told) == 2
    later = make_parts(pool, now=NOW + timedelta(minutes=11))
    while await notify_due(later):
        pass
    row = await pool.fetchrow("SELECT * FROM alpha.alerts WHERE id = $1", bad)
    assert row is not None
    assert row["retracted_reason"].startswith("unsendable")
    assert (await sweep(make_parts(pool, now=NOW + timedelta(minutes=12)))).unnotified == 0


async def test_one_absurd_position_does_not_silence_the_others(pool: Pool) -> None:
    (market,) = await add_games(pool, 1)
    async with pool.acquire() as conn:
        other = await add_market(conn, "KXGAME-0-MIA", event="KXGAME-0", outcome="Miami")
        whale = await add_person(conn, "whale")
        for each in (market, other):
            await add_position(conn, whale, each, "9999999999999999")
            await add_position(conn, whale, each, "9999999999999999", side="no")
    await detect(
        pool,
        make_detection(
            [change(each, prices("0.99", "0.98", "1"), AFTER) for each in (market, other)],
            event="KXGAME-0",
        ),
    )
    parts = make_parts(pool)
    await decide_and_tell(parts)
    rows = await pool.fetch(
        "SELECT u.display_name, n.value_before_usd FROM alpha.notifications n"
        " JOIN alpha.users u ON u.id = n.user_id ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("p0", Decimal("99.00")), ("whale", None)]


async def test_two_processes_tell_an_alert_and_its_update_one_after_the_other(pool: Pool) -> None:
    (market,) = await add_games(pool, 1)
    await detect(pool, move(market, 0))
    parts = make_parts(pool)
    await attribute_due(parts)
    slightly = prices("0.47", "0.46", "0.48")
    stronger = make_detection(
        [change(market, BEFORE, slightly)], event="KXGAME-0", strength="9", key="second"
    )
    await detect(pool, stronger)
    await attribute_due(parts)
    await word_due(parts)
    assert await pool.fetchval("SELECT count(*) FROM alpha.alerts") == 2
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT 1 FROM alpha.alerts WHERE reason = 'new' FOR NO KEY UPDATE")
        assert await notify_due(parts) == 0, "the first one is still being told by another"
    while await notify_due(parts):
        pass
    assert await pool.fetchval("SELECT count(*) FROM alpha.notifications") == 1


async def test_two_of_each_step_at_once_make_one_of_everything(pool: Pool) -> None:
    markets = await add_games(pool, 12)
    found = [move(market, number) for number, market in enumerate(markets)]
    found += [
        move(market, number, key=f"again-{number}", strength="2.6")
        for number, market in enumerate(markets)
    ]
    await detect(pool, *found)
    parts = make_parts(pool)

    async def work() -> None:
        for _ in range(60):
            for step in (attribute_due, word_due, notify_due):
                await step(parts)

    await asyncio.gather(work(), work(), work())
    for table, expected in (("alerts", 12), ("notifications", 12), ("deliveries", 12)):
        assert await pool.fetchval(f"SELECT count(*) FROM alpha.{table}") == expected
    outcomes = await pool.fetch(
        "SELECT outcome, count(*) FROM alpha.detections GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in outcomes] == [("alerted", 12), ("joined", 12)]


async def test_taking_back_while_an_update_is_decided_is_no_deadlock(pool: Pool) -> None:
    (market,) = await add_games(pool, 1)
    await detect(pool, move(market, 0))
    parts = make_parts(pool)
    await decide_and_tell(parts)
    first = await pool.fetchval("SELECT id FROM alpha.alerts")
    await detect(pool, move(market, 0, key="second", strength="9"))
    async with pool.acquire() as conn, conn.transaction():
        await retract_alert(conn, first, reason="a mistake", now=NOW)
        async with asyncio.timeout(3):
            assert await attribute_due(parts) == 1, "an update only points at it"
    assert await pool.fetchval("SELECT count(*) FROM alpha.alerts") == 3


async def test_the_sweep_finds_detections_that_nobody_decides_about(pool: Pool) -> None:
    (market,) = await add_games(pool, 1)
    await detect(pool, move(market, 0))
    report = await sweep(make_parts(pool, now=NOW + timedelta(minutes=1)))
    assert report.undecided == 1
    assert report.found == 1


class BackAgain(Exception):
    """The database answers."""


async def test_a_database_that_was_away_for_long_is_noticed_at_once() -> None:
    failures, waited = [0], Ear()

    async def work() -> int:
        failures[0] += 1
        if failures[0] < 5:
            raise asyncpg.CannotConnectNowError("the database system is starting up")
        raise BackAgain

    with pytest.raises(BackAgain):
        async with asyncio.timeout(20):
            await run_step(work, waited, Channel.ALERTS, SystemClock())
    assert failures == [5]
