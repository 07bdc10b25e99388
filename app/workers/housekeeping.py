"""Partitions ahead, old rows away, the default partition watched."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from app.store import (
    candle_backfills,
    cron_runs,
    devices,
    lifecycle,
    partitions,
    pipeline_history,
    public_trades,
    rejects,
)
from app.workers.task import Counts, Deps, task

log = structlog.get_logger()
KEEP_RUNS = timedelta(days=14)
KEEP_REJECTS = timedelta(days=30)
KEEP_TRADES = timedelta(days=90)
KEEP_ANNOUNCEMENTS = timedelta(days=30)
KEEP_BACKFILLS = timedelta(days=30)
KEEP_ATTEMPTS = timedelta(days=90)
KEEP_GONE_DEVICES = timedelta(days=90)
BATCH = 10_000  # rows of one transaction


@task
async def keep_house(deps: Deps) -> Counts:
    """Make and drop partitions, forget what is old; complain of misplaced candles."""
    now = deps.clock.now()
    async with deps.pool.acquire() as conn:
        counts = {
            "partitions_created": await partitions.create_partitions(conn, now=now),
            "partitions_dropped": await partitions.drop_partitions(conn, now=now),
            "runs_deleted": await cron_runs.delete_old_runs(conn, before=now - KEEP_RUNS),
            "rejects_deleted": await rejects.delete_old_rejects(conn, before=now - KEEP_REJECTS),
            "trades_deleted": await _delete_all(
                lambda: public_trades.delete_old_trades(conn, before=now - KEEP_TRADES, limit=BATCH)
            ),
            "announcements_deleted": await _delete_all(
                lambda: lifecycle.delete_old_events(
                    conn, before=now - KEEP_ANNOUNCEMENTS, limit=BATCH
                )
            ),
            "backfills_deleted": await _delete_all(
                lambda: candle_backfills.delete_old_backfills(
                    conn, before=now - KEEP_BACKFILLS, limit=BATCH
                )
            ),
            "attempts_deleted": await _delete_all(
                lambda: pipeline_history.delete_old_attempts(
                    conn, before=now - KEEP_ATTEMPTS, limit=BATCH
                )
            ),
            "baselines_deleted": await _delete_all(
                lambda: pipeline_history.delete_old_baselines(conn, limit=BATCH)
            ),
            "devices_deleted": await _delete_all(
                lambda: devices.delete_gone_devices(
                    conn, before=now - KEEP_GONE_DEVICES, limit=BATCH
                )
            ),
            "misplaced_candles": await partitions.count_default_rows(conn),
        }
    if counts["misplaced_candles"]:
        log.error("candles.misplaced", rows=counts["misplaced_candles"])
    return counts


async def _delete_all(delete_batch: Callable[[], Awaitable[int]]) -> int:
    """Delete in short transactions until nothing is left; return how many rows went."""
    total = 0
    while deleted := await delete_batch():
        total += deleted
    return total
