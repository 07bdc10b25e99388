"""After a gap: what requests have said of markets whose next frame has not come.

A market whose last frame of all was missed gets no further one to tell. Its quote is asked
for with everybody else's (`reconcile` and the full sync); here the fold takes note. The
first look of a reign takes everything that requests ever said: that seeds Redis.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from app.core.clock import Clock
from app.core.database import Conn, Pool
from app.domain.fold import FoldBook
from app.domain.freshness import catalogue_feed, full_sync
from app.domain.types import Exchange
from app.store.cron_runs import request_run
from app.store.feeds import read_as_of
from app.store.held_lease import DATABASE_AWAY
from app.store.quotes import read_requested

log = structlog.get_logger()

_LOOK_S = 6.0
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_MARGIN = timedelta(seconds=5)
_PATIENCE = timedelta(seconds=30)  # a sync that was under way when the gap came is not enough
_LATEST = timedelta(seconds=60)  # from the request of a quote to its row
_SLICE = 1_000  # quotes between two turns of the event loop


class CatchingUp:
    """Looks at requested quotes until a full sync that began after the last gap is done."""

    def __init__(self, book: FoldBook, pool: Pool, exchange: Exchange, clock: Clock) -> None:
        """Begin with a gap: of what came before this reign, frames may be missing too."""
        self._book = book
        self._pool = pool
        self._exchange = exchange
        self._clock = clock
        self._gap_at: datetime | None = clock.now()
        self._since = _ALWAYS

    def note_gap(self) -> None:
        """Begin to look again."""
        self._gap_at = self._clock.now()
        self._since = min(self._since, self._gap_at)

    async def run(self) -> None:
        """Look for ever; a database that is away is looked at the next time."""
        while True:
            await self._clock.sleep(_LOOK_S)
            if self._gap_at is None:
                continue
            try:
                async with self._pool.acquire() as conn:
                    await self._look(conn, self._gap_at)
            except DATABASE_AWAY as error:
                log.warning("database.unavailable", error=str(error) or "timeout")

    async def _look(self, conn: Conn, gap_at: datetime) -> None:
        """Tell the fold what was asked for since the gap."""
        began_at = self._clock.now()
        synced_at = await read_as_of(conn, [catalogue_feed(self._exchange)])
        found = await read_requested(conn, self._exchange, since=self._since)
        for number, (ext_id, said, asked_at) in enumerate(found):
            self._book.believe(ext_id, said, at_ms=int(asked_at.timestamp() * 1_000))
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        if self._gap_at != gap_at:
            return  # another gap came meanwhile
        self._since = max(gap_at, began_at - _LATEST)
        if synced_at is not None and synced_at > gap_at + _MARGIN:
            self._gap_at = None
        elif began_at - gap_at > _PATIENCE:
            await request_run(conn, full_sync(self._exchange), now=began_at)
