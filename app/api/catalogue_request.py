"""At start-up: ask for a full sync where the catalogue is empty or old."""

from datetime import timedelta

import structlog

from app.api.state import Web
from app.core.database import Conn
from app.domain.freshness import full_sync
from app.repositories.errors import DATABASE_ERRORS, is_outage
from app.store.cron_runs import last_done, request_run

log = structlog.get_logger()

RETRY_S = 2.0


async def request_old_catalogues(web: Web) -> None:
    """Request what is missing, as soon as the database answers."""
    while True:
        try:
            async with web.connections.pool.acquire() as conn:
                await _request(conn, web)
            return
        except DATABASE_ERRORS as error:
            if not is_outage(error):
                raise
            log.warning("catalogue.request_postponed", error=type(error).__name__)
        await web.clock.sleep(RETRY_S)


async def _request(conn: Conn, web: Web) -> None:
    now = web.clock.now()
    max_age = timedelta(seconds=web.settings.app.catalogue_max_age_s)
    for exchange in web.exchanges:
        name = full_sync(exchange)
        done = await last_done(conn, name)
        if (done is None or now - done > max_age) and await request_run(conn, name, now=now):
            log.info("catalogue.sync_requested", exchange=exchange, last=str(done))
