"""Composition root of the arq workers: every task and its schedule in one table.

arq is a thin scheduler here. What a run did, and whether it must be started
again, stands in `cron_runs`; a lost queue or a killed worker loses nothing.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, timedelta
from functools import partial
from typing import Any

import msgspec
from arq import cron
from arq.connections import RedisSettings
from arq.cron import CronJob

from app.core.clock import SystemClock
from app.core.config import Settings, get_settings
from app.core.database import create_pool
from app.core.errors import OperatorError
from app.core.log import configure_logging
from app.core.loop import run_forever
from app.core.pipelines import run_whole_pipeline
from app.core.redis import create_redis
from app.domain.types import Exchange
from app.services.kalshi import open_kalshi_rest
from app.store import cron_runs
from app.workers.candle_backfill import backfill_candles, request_history
from app.workers.candles import aggregate_ohlcv
from app.workers.housekeeping import keep_house
from app.workers.kalshi.ingest import kalshi_full_sync
from app.workers.kalshi.reconcile import state_reconciliation
from app.workers.task import Deps, Schedule

RESUME_EVERY = timedelta(seconds=3)
Coroutine = Callable[[dict[str, Any]], Awaitable[object]]


def sync_schedules(settings: Settings) -> tuple[Schedule, ...]:
    """Return the long jobs; each times out before its next slot."""
    full = timedelta(seconds=settings.kalshi.full_sync_every_s)
    delta = timedelta(seconds=settings.kalshi.reconcile_every_s)
    return (
        Schedule(kalshi_full_sync, every=full, timeout=full * 0.95),
        Schedule(state_reconciliation, every=delta, timeout=delta * 0.95),
        Schedule(aggregate_ohlcv, every=timedelta(seconds=15), timeout=timedelta(seconds=14)),
        Schedule(backfill_candles, every=timedelta(seconds=30), timeout=timedelta(seconds=28)),
        Schedule(request_history, every=timedelta(minutes=1), timeout=timedelta(seconds=50)),
    )


def monitor_schedules(_: Settings) -> tuple[Schedule, ...]:
    """Return the short jobs."""
    return (Schedule(keep_house, every=timedelta(hours=1), timeout=timedelta(minutes=5)),)


def cron_times(every: timedelta) -> dict[str, set[int]]:
    """Translate a period into arq's times of day.

    Raises:
        OperatorError: the period does not divide a minute, an hour or a day evenly.
    """
    for unit, whole, seconds in (("second", 60, 1), ("minute", 60, 60), ("hour", 24, 3600)):
        step, rest = divmod(every.total_seconds(), seconds)
        if not rest and 1 <= step <= whole and whole % step == 0:
            smaller = {"minute": {"second": {0}}, "hour": {"second": {0}, "minute": {0}}}
            return {unit: set(range(0, whole, int(step))), **smaller.get(unit, {})}
    raise OperatorError(
        f"No schedule can run every {every}: pick a divisor of a minute, hour or day."
    )


def _cron_job(schedule: Schedule) -> CronJob:
    async def run_due_slot(ctx: dict[str, Any]) -> object:
        slot = schedule.slot(ctx["deps"].clock.now())
        return await schedule.task({**ctx, "slot": slot})

    return _job(schedule.name, run_due_slot, every=schedule.every, timeout=schedule.timeout)


def _resume_job(kind: str, schedules: Sequence[Schedule]) -> CronJob:
    """Return the job that starts what was requested or interrupted.

    Each kind of worker names its own: arq's job ids are unique across queues, and
    one shared name would let the first worker take the other's turn.
    """
    tasks = {schedule.name: schedule.task for schedule in schedules}

    async def resume_runs(ctx: dict[str, Any]) -> int:
        deps: Deps = ctx["deps"]
        async with deps.pool.acquire() as conn:
            found = await cron_runs.list_startable(conn, list(tasks), now=deps.clock.now())
        await asyncio.gather(*(tasks[name]({**ctx, "slot": slot}) for name, slot in found))
        return len(found)

    longest = max(schedule.timeout for schedule in schedules)
    return _job(f"resume_{kind}_runs", resume_runs, every=RESUME_EVERY, timeout=longest)


def _job(name: str, body: Coroutine, *, every: timedelta, timeout: timedelta) -> CronJob:
    body.__qualname__ = name  # what arq calls it
    seconds = timeout.total_seconds()
    return cron(body, name=name, timeout=seconds, **cron_times(every))  # type: ignore[arg-type]


async def _start(ctx: dict[str, Any]) -> None:
    settings = get_settings()
    configure_logging(settings.app.log_level, settings.app.log_format)
    clock = SystemClock(settings.app.clock_at)
    pool = await create_pool(
        settings.app.database_url.get_secret_value(), size=settings.app.db_pool_size
    )
    markets, prices = open_kalshi_rest(settings.kalshi, clock)
    deps = Deps(
        settings=settings,
        clock=clock,
        pool=pool,
        redis=create_redis(settings.app.redis_url.get_secret_value()),
        holder=f"{socket.gethostname()}:{os.getpid()}",
        sources={Exchange.KALSHI: markets},
        prices={Exchange.KALSHI: prices},
    )
    ctx.update(deps=deps, asyncpg_pool=pool)


async def _stop(ctx: dict[str, Any]) -> None:
    deps: Deps = ctx["deps"]
    for source in deps.sources.values():  # prices share their clients
        await source.close()
    await deps.redis.aclose()
    await deps.pool.close()


async def _start_everything(ctx: dict[str, Any]) -> None:
    """Run the pipeline beside the tasks, for deployments of one process."""
    await _start(ctx)
    deps: Deps = ctx["deps"]
    body = partial(run_whole_pipeline, deps.settings, deps.clock)
    ctx["pipeline"] = asyncio.create_task(run_forever("pipeline", body, deps.clock))


async def _stop_everything(ctx: dict[str, Any]) -> None:
    ctx["pipeline"].cancel()
    await asyncio.wait([ctx["pipeline"]])
    await _stop(ctx)


class _ArqSettings:
    """What all workers share; arq reads these names."""

    redis_settings = RedisSettings.from_dsn(
        get_settings().app.redis_url.get_secret_value() or "redis://localhost:6379"
    )
    on_startup = _start
    on_shutdown = _stop
    timezone = UTC
    keep_result = 0
    health_check_interval = 5
    max_jobs = 20
    job_completion_wait = 0
    log_results = False
    job_serializer = msgspec.json.Encoder(enc_hook=str).encode
    job_deserializer = msgspec.json.Decoder().decode

    def __init_subclass__(cls) -> None:
        """Copy what is shared into each class: arq reads only a class's own names."""
        for name, shared in vars(_ArqSettings).items():
            if not name.startswith("__") and name not in vars(cls):
                setattr(cls, name, shared)


def _cron_jobs(kind: str, schedules: Sequence[Schedule]) -> list[CronJob]:
    return [_resume_job(kind, schedules), *(_cron_job(schedule) for schedule in schedules)]


class SyncWorkerSettings(_ArqSettings):
    """Long jobs: full syncs and reconciliation."""

    queue_name = "alpha:sync"
    cron_jobs = _cron_jobs("sync", sync_schedules(get_settings()))


class MonitorWorkerSettings(_ArqSettings):
    """Short jobs."""

    queue_name = "alpha:monitor"
    cron_jobs = _cron_jobs("monitor", monitor_schedules(get_settings()))


class WorkerSettings(_ArqSettings):
    """Everything in one process: `arq app.core.arq_worker.WorkerSettings`."""

    queue_name = "alpha:all"
    on_startup = _start_everything
    on_shutdown = _stop_everything
    cron_jobs = _cron_jobs(
        "all", (*sync_schedules(get_settings()), *monitor_schedules(get_settings()))
    )
