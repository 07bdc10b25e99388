"""The wrapper: one run per slot, recorded, alive by heartbeat, given back when cancelled."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import Pool
from app.core.redis import create_redis
from app.store import cron_runs
from app.workers import task as wrapper
from app.workers.task import Counts, Deps, task

SLOT = SystemClock().now().replace(microsecond=0)


@pytest.fixture
def ctx(pool: Pool, redis_url: str) -> dict[str, Any]:
    deps = Deps(Settings(), SystemClock(), pool, create_redis(redis_url), holder="test:1")
    return {"deps": deps, "slot": SLOT}


async def runs(pool: Pool) -> list[dict[str, object]]:
    async with pool.acquire() as conn:
        return await cron_runs.list_latest(conn)


async def test_a_run_is_recorded_with_its_counts_and_not_repeated(
    pool: Pool, ctx: dict[str, Any]
) -> None:
    ran = []

    @task
    async def count_things(deps: Deps) -> Counts:
        ran.append(deps.holder)
        return {"things": 3}

    assert await count_things(ctx) == {"things": 3}
    assert await count_things(ctx) is None
    assert ran == ["test:1"]
    (run,) = await runs(pool)
    assert (run["name"], run["outcome"], run["counts"]) == ("count_things", "done", {"things": 3})


async def test_a_failure_is_recorded_and_asked_for_again(pool: Pool, ctx: dict[str, Any]) -> None:
    @task
    async def break_down(deps: Deps) -> Counts:
        raise RuntimeError("out of luck")

    assert await break_down(ctx) is None
    (run,) = await runs(pool)
    assert (run["outcome"], run["error"]) == ("failed", "RuntimeError: out of luck")
    soon = SystemClock().now() + wrapper.RETRY_AFTER + timedelta(seconds=1)
    async with pool.acquire() as conn:
        assert await cron_runs.list_startable(conn, ["break_down"], now=soon)


async def test_a_run_that_lost_its_database_is_given_back(pool: Pool, ctx: dict[str, Any]) -> None:
    @task
    async def lose_connection(deps: Deps) -> Counts:
        raise ConnectionResetError("server closed the connection")

    assert await lose_connection(ctx) is None
    async with pool.acquire() as conn:
        found = await cron_runs.list_startable(conn, ["lose_connection"], now=SystemClock().now())
    assert found == [("lose_connection", SLOT)]


async def test_an_incomplete_run_is_asked_for_again(pool: Pool, ctx: dict[str, Any]) -> None:
    @task
    async def do_half(deps: Deps) -> Counts:
        return {"incomplete": 1}

    await do_half(ctx)
    soon = SystemClock().now() + wrapper.RETRY_AFTER + timedelta(seconds=1)
    async with pool.acquire() as conn:
        assert await cron_runs.list_startable(conn, ["do_half"], now=soon)


async def test_a_cancelled_run_is_given_back_at_once(pool: Pool, ctx: dict[str, Any]) -> None:
    begun = asyncio.Event()

    @task
    async def wait_long(deps: Deps) -> Counts:
        begun.set()
        await asyncio.sleep(60)
        return {}

    working = asyncio.ensure_future(wait_long(ctx))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    async with pool.acquire() as conn:
        found = await cron_runs.list_startable(conn, ["wait_long"], now=SystemClock().now())
    assert found == [("wait_long", SLOT)]


async def test_a_run_that_was_taken_over_stops(
    pool: Pool, ctx: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrapper, "HEARTBEAT_S", 0.05)
    begun = asyncio.Event()

    @task
    async def be_replaced(deps: Deps) -> Counts:
        begun.set()
        await asyncio.sleep(60)
        return {}

    working = asyncio.ensure_future(be_replaced(ctx))
    await begun.wait()
    await pool.execute("UPDATE alpha.cron_runs SET fence = fence + 1, holder = 'other'")
    assert await asyncio.wait_for(working, 5) is None
    (run,) = await runs(pool)
    assert run["outcome"] is None  # the other holder's to finish
