"""Kalshi's whole catalogue into the database, every 15 minutes."""

from app.actions.sync_catalogue import CatalogueSync
from app.domain.types import Exchange
from app.workers.task import Counts, Deps, task


@task
async def kalshi_full_sync(deps: Deps) -> Counts:
    """Sync series, events, markets and outcomes; return what was read and written."""
    sync = CatalogueSync(deps.pool, deps.sources[Exchange.KALSHI], deps.clock)
    return await sync.run_full()
