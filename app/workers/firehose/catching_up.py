"""After a gap: what requests have said of markets whose next frame has not come.

A market whose last frame of all was missed gets no further one to tell. Its quote is asked
for with everybody else's (`reconcile` and the full sync); here the fold takes note. The
first look of a reign takes everything that requests ever said: that seeds Redis.
"""

from datetime import UTC, datetime, timedelta

from app.core.clock import Clock
from app.core.database import Conn
from app.domain.fold import FoldBook
from app.domain.freshness import catalogue_feed, full_sync
from app.domain.types import Exchange
from app.store.cron_runs import request_run
from app.store.feeds import read_as_of
from app.store.quotes import read_requested

_LOOK_S = 6.0
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_MARGIN = timedelta(seconds=5)
_PATIENCE = timedelta(seconds=30)  # a sync that was under way when the gap came is not enough


class CatchingUp:
    """Looks at requested quotes until a full sync that began after the last gap is done."""

    def __init__(self, book: FoldBook, exchange: Exchange, clock: Clock) -> None:
        """Begin with a gap: of what came before this reign, frames may be missing too."""
        self._book = book
        self._exchange = exchange
        self._clock = clock
        self._gap_at: datetime | None = clock.now()
        self._since = _ALWAYS
        self._looked_s = clock.monotonic()

    def note_gap(self) -> None:
        """Begin to look again."""
        self._gap_at = self._clock.now()
        self._since = min(self._since, self._gap_at)

    async def look(self, conn: Conn) -> None:
        """Tell the fold what was asked for since the gap; called every two seconds."""
        now_s = self._clock.monotonic()
        if self._gap_at is None or now_s - self._looked_s < _LOOK_S:
            return
        gap_at, self._looked_s = self._gap_at, now_s
        since, self._since = self._since, gap_at
        synced_at = await read_as_of(conn, [catalogue_feed(self._exchange)])
        for ext_id, said, asked_at in await read_requested(conn, self._exchange, since=since):
            self._book.believe(ext_id, said, at_ms=int(asked_at.timestamp() * 1_000))
        if synced_at is not None and synced_at > gap_at + _MARGIN:
            self._gap_at = None if self._gap_at == gap_at else self._gap_at
        elif self._clock.now() - gap_at > _PATIENCE:
            await request_run(conn, full_sync(self._exchange), now=self._clock.now())
