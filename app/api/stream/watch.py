"""What entries of `ticks` do not tell: how the feeds are, and quotes that came another way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.api.stream.board import Board
from app.api.stream.flusher import Flusher
from app.api.stream.timing import Timing
from app.core.clock import Clock
from app.core.database import Pool
from app.domain.freshness import SILENT_AFTER, Feed, FeedWord, standing, ticks_feed
from app.domain.types import Exchange
from app.repositories.errors import DATABASE_ERRORS, is_outage
from app.repositories.operations import list_feeds
from app.repositories.stream_quotes import list_quotes, list_recent_quotes

log = structlog.get_logger()

_PAGE = 1_000  # markets read at once, so that the loop is free in between
_OVERLAP = timedelta(seconds=30)  # clocks differ, and rows are written late


class Watch:
    """Asks the database for all clients together, every two seconds."""

    def __init__(
        self, pool: Pool, board: Board, flusher: Flusher, clock: Clock, timing: Timing
    ) -> None:
        self._pool = pool
        self._board = board
        self._flusher = flusher
        self._clock = clock
        self._timing = timing
        self._told: dict[str, Feed] = {}
        self._heard_at = self._reread_at = clock.now()
        self._is_renewal_due = False

    def renew(self) -> None:
        """Read all quotes again soon, and then send every client a snapshot."""
        self._is_renewal_due = True

    async def look(self, exchanges: Sequence[Exchange], *, is_blind: bool) -> None:
        """Look once; while the database is away, feeds only grow older.

        Args:
            is_blind: no entries arrive, so quotes are read again at once.
        """
        try:
            self._told = {
                view.feed: Feed(view.state, view.since, view.as_of)
                for view in await list_feeds(self._pool)
            }
            self._heard_at = self._clock.now()
            if self._is_renewal_due:
                await self._renew()
            elif is_blind or self._is_reread_due():
                await self._reread()
        except DATABASE_ERRORS as error:
            if not is_outage(error):
                raise
            log.warning("database.unavailable", error=type(error).__name__)
        now = self._clock.now()
        self._flusher.tell_feeds({name: self._standing(name, now) for name in exchanges})

    def _standing(self, exchange: Exchange, now: datetime) -> Feed | None:
        told = self._told.get(ticks_feed(exchange))
        if told is None:
            return None
        if now - self._heard_at > SILENT_AFTER and told.state != FeedWord.STALE:
            return Feed(FeedWord.STALE, self._heard_at, told.as_of)
        return standing(told, now=now)

    def _is_reread_due(self) -> bool:
        return self._clock.now() - self._reread_at >= timedelta(seconds=self._timing.reread_s)

    async def _reread(self) -> None:
        """Take over what was quoted since the last time."""
        since, self._reread_at = self._reread_at - _OVERLAP, self._clock.now()
        for ids in self._pages():
            self._board.refresh(await list_recent_quotes(self._pool, ids, since))

    async def _renew(self) -> None:
        for ids in self._pages():
            self._board.refresh(await list_quotes(self._pool, ids))
        self._is_renewal_due = False
        self._flusher.renew()

    def _pages(self) -> list[list[UUID]]:
        ids = self._board.watched_ids()
        return [ids[at : at + _PAGE] for at in range(0, len(ids), _PAGE)]
