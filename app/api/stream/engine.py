"""What runs while there are clients: the reader, the watch and the timer around one board."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.api.stream.board import Board
from app.api.stream.counts import Counts
from app.api.stream.encode import Encoder
from app.api.stream.flusher import Flusher
from app.api.stream.quote import Quote
from app.api.stream.reader import Reader
from app.api.stream.timing import Timing
from app.api.stream.watch import Watch
from app.core.clock import Clock
from app.core.database import Pool
from app.core.errors import NotFound
from app.core.redis import Redis
from app.domain.types import Exchange
from app.repositories.stream_quotes import list_quotes

_SWEEP_S = 60.0


@dataclass(frozen=True, slots=True)
class Sources:
    """Where prices come from."""

    pool: Pool
    redis: Redis
    clock: Clock
    exchanges: Sequence[Exchange]


class Engine:
    """Keeps the quotes of watched markets current from start to close."""

    def __init__(self, sources: Sources, encoder: Encoder, counts: Counts, timing: Timing) -> None:
        self._sources = sources
        self._timing = timing
        clock = sources.clock
        self._board = Board(sources.exchanges, counts)
        self.flusher = Flusher(self._board, encoder, counts, clock, timing)
        self._watch = Watch(sources.pool, self._board, self.flusher, clock, timing)
        self._reader = Reader(sources.redis, self._board, clock, self._watch.renew)
        self._looked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, on_end: Callable[[asyncio.Task[None]], None]) -> None:
        """Start the loops.

        Args:
            on_end: called with a loop that ended; none does by itself.
        """
        loops: tuple[Coroutine[Any, Any, None], ...] = (
            self._reader.run(),
            self._look(),
            self._sweep(),
            self.flusher.run(),
        )
        for loop in loops:
            task = asyncio.create_task(loop)
            task.add_done_callback(on_end)
            self._tasks.append(task)

    def cancel(self) -> None:
        """Begin to stop the loops."""
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Stop the loops."""
        self.cancel()
        await asyncio.wait(self._tasks)

    async def load(self, ids: Sequence[UUID]) -> list[Quote]:
        """Return the current quotes of markets, in this order.

        Nothing is awaited between the last look at the board and the return: who listens to
        the quotes at once misses nothing.

        Raises:
            NotFound: one of them does not exist.
            OSError, asyncpg.PostgresError: see `repositories.errors.is_outage`.
        """
        await self._ready()
        known = {quote.row.id for quote in self._board.find(ids) if quote.row}
        missing = [market for market in ids if market not in known]
        rows = await list_quotes(self._sources.pool, missing) if missing else []
        self._board.adopt(rows)
        quotes = self._board.find(ids)
        if len(quotes) < len(ids):
            for quote in quotes:
                self._board.release(quote)
            raise NotFound("There is no such market.")
        return quotes

    def release(self, quotes: Sequence[Quote]) -> None:
        """Forget those that nobody listens to."""
        for quote in quotes:
            self._board.release(quote)

    async def _ready(self) -> None:
        """Wait until the stream and the feeds were read once, but not long."""
        both = asyncio.gather(self._reader.primed.wait(), self._looked.wait())
        try:
            async with asyncio.timeout(self._timing.ready_s):
                await both
        except TimeoutError:
            return

    async def _look(self) -> None:
        while True:
            exchanges = self._sources.exchanges
            await self._watch.look(exchanges, is_blind=self._reader.is_away)
            self._looked.set()
            await self._sources.clock.sleep(self._timing.poll_s)

    async def _sweep(self) -> None:
        while True:
            await self._sources.clock.sleep(_SWEEP_S)
            self._board.sweep()
