"""The one wrapper around everything that runs on a schedule."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import structlog

from app.core.clock import Clock
from app.core.config import Settings
from app.core.database import CONNECTION_LOST, Pool
from app.core.redis import Redis
from app.domain.types import Exchange
from app.services.ports import MarketSource, PriceSource
from app.store import cron_runs
from app.store.cron_runs import Run

log = structlog.get_logger()
P = ParamSpec("P")
Counts = Mapping[str, int]
HEARTBEAT_S = 2.0
RETRY_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Deps:
    """What a task may use; built once at the composition root."""

    settings: Settings
    clock: Clock
    pool: Pool
    redis: Redis
    holder: str  # this process, as leases and runs name it
    sources: Mapping[Exchange, MarketSource] = field(default_factory=dict)
    prices: Mapping[Exchange, PriceSource] = field(default_factory=dict)


Body = Callable[[Deps], Awaitable[Counts]]
Task = Callable[[dict[str, Any]], Awaitable[Counts | None]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """One line of the schedule table, read by arq and by a virtual runner alike."""

    task: Task
    every: timedelta
    timeout: timedelta

    @property
    def name(self) -> str:
        """Name of the task, as `cron_runs` has it."""
        return self.task.__name__

    def slot(self, now: datetime) -> datetime:
        """Return the moment the current run was due."""
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + (now - epoch) // self.every * self.every


def task(body: Callable[Concatenate[Deps, P], Awaitable[Counts]]) -> Task:
    """Make a body a task: one run per slot, kept alive, recorded, never fatal.

    `ctx` holds `deps` and, when it is not the current slot that is meant, `slot`.
    The body returns what it counted. A failure is recorded and logged; the next
    slot tries again. A cancelled run is given back for another worker to start.
    """

    @wraps(body)
    async def run_slot(ctx: dict[str, Any]) -> Counts | None:
        deps: Deps = ctx["deps"]
        now = deps.clock.now()
        async with deps.pool.acquire() as conn:
            run = await cron_runs.start_run(
                conn,
                body.__name__,
                scheduled_for=ctx.get("slot") or now,
                holder=deps.holder,
                now=now,
            )
        if run is None:
            return None
        return await _finish(deps, run, body(deps))  # type: ignore[call-arg]

    return run_slot


async def _finish(deps: Deps, run: Run, work: Awaitable[Counts]) -> Counts | None:
    """Await the work under a heartbeat and record how it ended."""
    working = asyncio.ensure_future(work)
    heart = asyncio.create_task(_beat(deps, run, working))
    try:
        counts = await working
    except asyncio.CancelledError:
        if not _is_being_cancelled():
            return None  # the heartbeat stopped the work: the run has another holder
        working.cancel()
        await _give_back(deps, run)
        raise
    except CONNECTION_LOST as error:
        log.warning("task.interrupted", task=run.name, error=str(error))
        await _give_back(deps, run)
        return None
    except Exception as error:  # the only broad except: a failed task must not end its worker
        log.exception("task.failed", task=run.name)
        await _record(deps, run, "failed", error=f"{type(error).__name__}: {error}")
        return None
    else:
        await _record(deps, run, "done", counts=counts)
        log.info("task.done", task=run.name, **counts)
        return counts
    finally:
        heart.cancel()


def _is_being_cancelled() -> bool:
    """Tell whether this very task is to end, rather than only what it awaits."""
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0


async def _record(
    deps: Deps, run: Run, outcome: str, *, counts: Counts | None = None, error: str | None = None
) -> None:
    """Record the end of a run; a failed or incomplete one is asked for again soon."""
    now = deps.clock.now()
    async with deps.pool.acquire() as conn:
        await cron_runs.finish_run(conn, run, outcome=outcome, now=now, counts=counts, error=error)
        if error is not None or (counts or {}).get("incomplete"):
            await cron_runs.request_run(conn, run.name, now=now + RETRY_AFTER)


async def _give_back(deps: Deps, run: Run) -> None:
    """Let the next worker start an interrupted run at once.

    Without a database it starts when its heartbeat has been silent for long enough.
    """
    with suppress(*CONNECTION_LOST):
        async with deps.pool.acquire() as conn:
            await cron_runs.release_run(conn, run)


async def _beat(deps: Deps, run: Run, working: asyncio.Future[Counts]) -> None:
    """Keep the run's heartbeat going, and stop the work when another holder has it.

    A database that is away for a moment is not the end of the run.
    """
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        with suppress(*CONNECTION_LOST):
            async with deps.pool.acquire() as conn:
                is_ours = await cron_runs.beat(conn, run, now=deps.clock.now())
            if not is_ours:
                log.warning("task.taken_over", task=run.name)
                working.cancel()
