"""Dispatchers at work: several at once, stopped cleanly, without a database for a while."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from app.core.clock import SystemClock
from app.core.database import Pool, create_pool
from app.core.errors import OperatorError
from app.domain.push import PushMessage, PushOutcome, PushResult
from app.pipeline.deliver import Pace, run_dispatcher
from app.pipeline.parts import PipelineParts
from app.pipeline.step import Ear
from app.store.deliveries.dead import redrive
from app.store.notify_channel import Channel
from tests.delivery_rows import add_alert, add_holders
from tests.integration.pipeline.deliver.conftest import ACCEPTED, DeliveryStage

WITHIN_S = 60  # a claim whose answer was lost is taken back after its lease
PACE = Pace(in_flight=16, batch=50)


@pytest.fixture
def live(stage: DeliveryStage) -> PipelineParts:
    """The stage's parts, on the machine's clock."""
    return replace(stage.parts, clock=SystemClock())


async def tell(pool: Pool, people: int, name: str = "first", priority: int = 0) -> None:
    async with pool.acquire() as conn, conn.transaction():
        rows = await add_alert(conn, name, at=datetime.now(UTC), market=name)
        await add_holders(conn, rows, people, priority=priority)


@asynccontextmanager
async def dispatchers(
    parts: PipelineParts, count: int = 1, pace: Pace = PACE
) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Run dispatchers; what they end with is raised."""
    tasks = [asyncio.create_task(run_dispatcher(parts, Ear(), pace)) for _ in range(count)]
    yield tasks
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(ended, asyncio.CancelledError), ended


async def until(check: Callable[[], Any]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await check():  # noqa: ASYNC110  another process's work has no event
            await asyncio.sleep(0.01)


async def test_three_at_once_send_each_once(stage: DeliveryStage, live: PipelineParts) -> None:
    await tell(stage.pool, 600)
    stage.gateway.takes_s = 0.002
    async with dispatchers(live, 3):
        await until(lambda: _all_are(stage, "accepted"))
    assert sorted(stage.gateway.addresses) == sorted(f"token-{n}" for n in range(1, 601))
    assert await stage.outcomes() == ["accepted"] * 600


async def test_a_cap_holds_across_dispatchers(stage: DeliveryStage, live: PipelineParts) -> None:
    for number in range(8):
        await tell(stage.pool, 40, f"alert-{number}", priority=2)
    async with dispatchers(live, 4, replace(PACE, batch=7)):
        await until(lambda: _none_is_open(stage))
    rows = await stage.sql(
        "SELECT user_id, count(*) FROM alpha.deliveries WHERE state = 'accepted' GROUP BY 1"
    )
    assert [row["count"] for row in rows] == [3] * 40
    assert len(stage.gateway.sent) == 120


async def test_news_wakes_it(stage: DeliveryStage, live: PipelineParts) -> None:
    ear = Ear()
    task = asyncio.create_task(run_dispatcher(live, ear, PACE))
    await asyncio.sleep(0.1)
    await tell(stage.pool, 1)
    ear.ring(Channel.DELIVERIES)
    await until(lambda: _all_are(stage, "accepted"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_no_more_are_under_way_than_may_be(stage: DeliveryStage, live: PipelineParts) -> None:
    await tell(stage.pool, 200)
    under_way, most = 0, 0

    async def send(message: PushMessage) -> PushOutcome:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return ACCEPTED

    stage.gateway.send = send  # type: ignore[method-assign]
    async with dispatchers(live):
        await until(lambda: _all_are(stage, "accepted"))
    assert most == PACE.in_flight


async def test_a_clean_stop_doubles_nothing_and_leaves_nothing_behind(
    stage: DeliveryStage, live: PipelineParts
) -> None:
    await tell(stage.pool, 200)
    stage.gateway.takes_s = 0.3
    async with dispatchers(live):
        await until(lambda: _has_sent(stage, PACE.in_flight))
    states = await stage.sql(
        "SELECT state::text, count(*), bool_or(is_maybe_duplicate) AS doubled, max(attempts) AS n"
        " FROM alpha.deliveries GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in states] == [
        ("accepted", 16, False, 1),
        ("pending", 184, False, 0),
    ]
    stage.gateway.takes_s = 0
    async with dispatchers(live):
        await until(lambda: _all_are(stage, "accepted"))
    assert len(stage.gateway.sent) == 200


async def test_whenever_it_is_stopped_no_claim_is_forgotten(
    stage: DeliveryStage, live: PipelineParts
) -> None:
    await tell(stage.pool, 2_000)
    for after_ms in range(0, 60, 3):
        task = asyncio.create_task(run_dispatcher(live, Ear(), PACE))
        await asyncio.sleep(after_ms / 1000)
        task.cancel()
        await asyncio.wait([task])
        assert not await stage.sql("SELECT FROM alpha.deliveries WHERE state = 'sending'")
    assert len(set(stage.gateway.addresses)) == len(stage.gateway.addresses)


async def test_a_hang_is_cut_off_and_what_waited_behind_it_is_given_back(
    stage: DeliveryStage, live: PipelineParts
) -> None:
    await tell(stage.pool, 40)
    hung = set(range(1, 17))

    async def send(message: PushMessage) -> PushOutcome:
        stage.gateway.sent.append(message)
        number = int(message.address.removeprefix("token-"))
        if number in hung:
            hung.discard(number)
            await asyncio.sleep(60)
        return ACCEPTED

    stage.gateway.send = send  # type: ignore[method-assign]
    pace = replace(PACE, begin_within_s=0.2, send_within_s=0.4)
    async with dispatchers(live, pace=pace):
        await until(lambda: _all_are(stage, "accepted"))
    doubled = await stage.sql("SELECT id FROM alpha.deliveries WHERE is_maybe_duplicate")
    assert len(doubled) == 16
    assert len(stage.gateway.sent) == 56


async def test_outcomes_wait_for_a_database_that_is_away(
    stage: DeliveryStage, live: PipelineParts, database_url: str
) -> None:
    await tell(stage.pool, 100)
    stage.gateway.takes_s = 0.05
    pool = await create_pool(database_url, size=3)
    try:
        async with dispatchers(replace(live, pool=pool)):
            for _ in range(4):
                await asyncio.sleep(0.1)
                await _end_connections(stage.pool, pool)
            await until(lambda: _all_are(stage, "accepted"))
    finally:
        await pool.close()
    assert len(stage.gateway.sent) == 100
    assert await stage.outcomes() == ["accepted"] * 100


async def test_a_missing_rule_is_the_operators_business(
    stage: DeliveryStage, live: PipelineParts
) -> None:
    await tell(stage.pool, 1)
    async with stage.pool.acquire() as conn:
        (row,) = await conn.fetch("DELETE FROM alpha.rules WHERE name = 'priority:2' RETURNING *")
        try:
            with pytest.raises(OperatorError, match="priority:2"):
                await run_dispatcher(live, Ear(), PACE)
        finally:
            await conn.execute(
                "INSERT INTO alpha.rules (name, version, body, note) VALUES ($1, $2, $3, $4)",
                *(row[name] for name in ("name", "version", "body", "note")),
            )
    assert stage.gateway.sent == []


async def test_a_rule_with_an_absurd_number_is_the_operators_business(
    stage: DeliveryStage, live: PipelineParts
) -> None:
    await tell(stage.pool, 1)
    async with stage.pool.acquire() as conn:
        (row,) = await conn.fetch("SELECT body FROM alpha.rules WHERE name = 'delivery'")
        try:
            await conn.execute(
                """
                UPDATE alpha.rules SET body = jsonb_set(body, '{pause_s}', '1e400')
                WHERE name = 'delivery'
                """
            )
            with pytest.raises(OperatorError, match="not complete"):
                await run_dispatcher(live, Ear(), PACE)
        finally:
            await conn.execute(
                "UPDATE alpha.rules SET body = $1 WHERE name = 'delivery'", row["body"]
            )
    assert stage.gateway.sent == []


async def test_redriving_wakes_the_dispatchers(stage: DeliveryStage, live: PipelineParts) -> None:
    await tell(stage.pool, 1)
    stage.gateway.answer = lambda _: PushOutcome(PushResult.DEAD, error="x", status=400)
    heard: list[str] = []
    async with stage.pool.acquire() as conn:
        await conn.add_listener(Channel.DELIVERIES, lambda *said: heard.append(str(said[2])))
        async with dispatchers(live):
            await until(lambda: _all_are(stage, "dead"))
            stage.gateway.answer = lambda _: ACCEPTED
            async with stage.pool.acquire() as other:
                await redrive(other, now=live.clock.now())
            await until(lambda: _all_are(stage, "accepted"))
        await conn.reset()
    assert heard == [Channel.DELIVERIES]


async def _all_are(stage: DeliveryStage, state: str) -> bool:
    rows = await stage.sql("SELECT DISTINCT state::text FROM alpha.deliveries")
    return [row["state"] for row in rows] == [state]


async def _none_is_open(stage: DeliveryStage) -> bool:
    return not await stage.sql(
        "SELECT FROM alpha.deliveries WHERE state IN ('pending', 'retry', 'sending')"
    )


async def _has_sent(stage: DeliveryStage, count: int) -> bool:
    return len(stage.gateway.sent) >= count


async def _end_connections(pool: Pool, victim: Any) -> None:
    """End the victim's connections, in the middle of whatever they do."""
    pids = [holder._con.get_server_pid() for holder in victim._holders if holder._con]
    try:
        await pool.execute("SELECT pg_terminate_backend(p) FROM unnest($1::int[]) p", pids)
    except asyncpg.PostgresError:
        return
