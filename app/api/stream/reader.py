"""The process's one reader of the Redis stream `ticks`."""

import asyncio
import random
from collections.abc import Callable

import structlog

from app.api.stream.board import Board, Entry
from app.api.stream.entry_ids import BEGINNING, EntryId
from app.core.clock import Clock
from app.core.redis import Redis
from app.store.tick_feed import REDIS_AWAY, TICKS

log = structlog.get_logger()

BACKLOG = 600  # entries read at the start: one minute at ten a second
_PAGE = 100
_BLOCK_MS = 2_000
_MIN_WAIT_S = 0.1
_MAX_WAIT_S = 2.0


class Reader:
    """Applies entries to the board, and says when some may have been missed.

    Attributes:
        primed: set once the first attempt to read has ended, well or not.
        is_away: Redis does not answer.
    """

    def __init__(
        self, redis: Redis, board: Board, clock: Clock, on_gap: Callable[[], None]
    ) -> None:
        self.primed = asyncio.Event()
        self.is_away = False
        self._redis = redis
        self._board = board
        self._clock = clock
        self._on_gap = on_gap

    async def run(self) -> None:
        """Read for ever; while Redis is away, ask again after ever longer waits."""
        wait_s = _MIN_WAIT_S
        while True:
            try:
                await self._catch_up()
                if self.is_away:
                    self.is_away = False
                    self._on_gap()
                    log.info("ticks.resumed", position=str(self._board.position))
                self.primed.set()
                wait_s = _MIN_WAIT_S
                await self._follow()
            except REDIS_AWAY as error:
                if not self.is_away:
                    log.warning("ticks.unavailable", error=type(error).__name__)
                self.is_away = True
                self.primed.set()
            await self._clock.sleep(wait_s * random.uniform(0.5, 1))
            wait_s = min(wait_s * 2, _MAX_WAIT_S)

    async def _catch_up(self) -> None:
        """Apply the newest entries that are not known yet, oldest first.

        Where there are more than we ask for, or Redis began anew, nobody can resume from
        before the oldest of them.
        """
        pages: list[list[Entry]] = []
        until = "+"
        for _ in range(BACKLOG // _PAGE):
            page: list[Entry] = await self._redis.xrevrange(TICKS, until, "-", count=_PAGE)
            if page:
                pages.append(page)
                until = "(" + page[-1][0].decode()
            if len(page) < _PAGE or _entry_id(page[-1]) <= self._board.position:
                break
        if pages:
            self._apply_new(pages)

    def _apply_new(self, pages: list[list[Entry]]) -> None:
        """Apply pages, which are newest first, without what the board has already."""
        board, oldest, newest = self._board, _entry_id(pages[-1][-1]), _entry_id(pages[0][0])
        if newest < board.position:
            board.position = BEGINNING
        if oldest > board.position:
            board.floor = oldest
        for page in reversed(pages):
            known = board.position
            board.apply(entry for entry in reversed(page) if _entry_id(entry) > known)

    async def _follow(self) -> None:
        """Apply entries as they come.

        Raises:
            RedisError, OSError, TimeoutError: Redis is away.
        """
        while True:
            answer = await self._redis.xread(
                {TICKS: str(self._board.position)}, count=_PAGE, block=_BLOCK_MS
            )
            for _, entries in answer:
                self._board.apply(entries)


def _entry_id(entry: Entry) -> EntryId:
    ms, _, number = entry[0].partition(b"-")
    return EntryId(int(ms), int(number))
