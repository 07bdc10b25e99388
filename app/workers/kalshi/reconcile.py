"""Kalshi's changes of the last minute, and the transitions that nothing announces."""

from app.actions.sync_catalogue import MAX_WINDOW, CatalogueSync
from app.domain.types import Exchange
from app.store import catalogue_life, cron_runs
from app.workers.kalshi.ingest import kalshi_full_sync
from app.workers.task import Counts, Deps, task


@task
async def state_reconciliation(deps: Deps) -> Counts:
    """Read what changed since the last run; ask for a full sync if the quotes are lost."""
    now = deps.clock.now()
    source = deps.sources[Exchange.KALSHI]
    async with deps.pool.acquire() as conn:
        since = await cron_runs.last_done(conn, state_reconciliation.__name__)
        if await catalogue_life.has_lost_quotes(conn, source.exchange):
            await cron_runs.request_run(conn, kalshi_full_sync.__name__, now=now)
    sync = CatalogueSync(deps.pool, source, deps.clock)
    return await sync.run_changes(since or now - MAX_WINDOW)
