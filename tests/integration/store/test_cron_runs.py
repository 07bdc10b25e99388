"""Runs: claimed once, alive by heartbeat, started again when interrupted."""

import asyncio
from datetime import timedelta

from app.core.database import Pool
from app.store import cron_runs
from app.store.cron_runs import DEAD_AFTER, Run
from tests.domain_factories import NOW

LATER = NOW + DEAD_AFTER + timedelta(seconds=1)


async def start(
    pool: Pool, holder: str, *, slot: int = 0, after: timedelta = timedelta()
) -> Run | None:
    async with pool.acquire() as conn:
        return await cron_runs.start_run(
            conn,
            "job",
            scheduled_for=NOW + timedelta(minutes=slot),
            holder=holder,
            now=NOW + after,
        )


async def startable(pool: Pool, after: timedelta = timedelta()) -> list[str]:
    async with pool.acquire() as conn:
        found = await cron_runs.list_startable(conn, ["job"], now=NOW + after)
    return [name for name, _ in found]


async def test_of_many_workers_one_gets_the_slot(pool: Pool) -> None:
    claims = await asyncio.gather(*(start(pool, f"w{n}") for n in range(8)))
    assert sum(claim is not None for claim in claims) == 1


async def test_runs_of_one_name_never_overlap(pool: Pool) -> None:
    assert await start(pool, "a") is not None
    assert await start(pool, "b", slot=15) is None


async def test_a_dead_run_is_started_again_and_its_old_holder_is_refused(pool: Pool) -> None:
    first = await start(pool, "a")
    assert first is not None
    assert await startable(pool) == []
    assert await startable(pool, LATER - NOW) == ["job"]
    second = await start(pool, "b", after=LATER - NOW)
    assert second is not None
    assert second.fence == first.fence + 1
    async with pool.acquire() as conn:
        assert not await cron_runs.beat(conn, first, now=LATER)
        assert not await cron_runs.finish_run(conn, first, outcome="done", now=LATER)
        assert await cron_runs.finish_run(conn, second, outcome="done", now=LATER)
    assert await startable(pool, timedelta(days=1)) == []


async def test_a_beating_run_is_left_alone(pool: Pool) -> None:
    run = await start(pool, "a")
    assert run is not None
    async with pool.acquire() as conn:
        assert await cron_runs.beat(conn, run, now=LATER)
    assert await startable(pool, LATER - NOW) == []


async def test_a_run_that_was_given_back_starts_at_once(pool: Pool) -> None:
    run = await start(pool, "a")
    assert run is not None
    async with pool.acquire() as conn:
        await cron_runs.release_run(conn, run)
    assert await startable(pool) == ["job"]
    assert await start(pool, "b") is not None


async def test_a_request_waits_for_its_time_and_is_made_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert await cron_runs.request_run(conn, "job", now=NOW + timedelta(seconds=30))
        assert not await cron_runs.request_run(conn, "job", now=NOW)
    assert await startable(pool) == []
    assert await startable(pool, timedelta(seconds=31)) == ["job"]


async def test_a_finished_slot_is_not_run_again_and_settles_older_ones(pool: Pool) -> None:
    assert await start(pool, "a") is not None
    late = LATER - NOW + timedelta(minutes=15)
    newer = await start(pool, "b", slot=15, after=late)
    assert newer is not None
    async with pool.acquire() as conn:
        await cron_runs.finish_run(conn, newer, outcome="done", now=NOW + late, counts={"n": 3})
        assert await cron_runs.last_done(conn, "job") == NOW + late
        latest = await cron_runs.list_latest(conn)
    assert [(run["outcome"], run["counts"]) for run in latest] == [("done", {"n": 3})]
    assert await startable(pool, timedelta(days=1)) == []
    assert await start(pool, "c", slot=15, after=timedelta(days=1)) is None
