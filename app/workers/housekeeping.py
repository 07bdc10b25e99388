"""Partitions ahead, old rows away, the default partition watched."""

from datetime import timedelta

import structlog

from app.store import cron_runs, partitions, rejects
from app.workers.task import Counts, Deps, task

log = structlog.get_logger()
KEEP_RUNS = timedelta(days=14)
KEEP_REJECTS = timedelta(days=30)


@task
async def keep_house(deps: Deps) -> Counts:
    """Make and drop partitions, forget old runs and rejects; complain of misplaced candles."""
    now = deps.clock.now()
    async with deps.pool.acquire() as conn:
        counts = {
            "partitions_created": await partitions.create_partitions(conn, now=now),
            "partitions_dropped": await partitions.drop_partitions(conn, now=now),
            "runs_deleted": await cron_runs.delete_old_runs(conn, before=now - KEEP_RUNS),
            "rejects_deleted": await rejects.delete_old_rejects(conn, before=now - KEEP_REJECTS),
            "misplaced_candles": await partitions.count_default_rows(conn),
        }
    if counts["misplaced_candles"]:
        log.error("candles.misplaced", rows=counts["misplaced_candles"])
    return counts
