"""Ten times a second: what was folded goes to Redis, once and in order."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from app.core.clock import Clock
from app.core.errors import LeaseLost
from app.domain.catalogue import Reject
from app.domain.fold import Flush, FoldBook, MarketState, MicroCandle, Span
from app.store.held_lease import GIVE_UP_S, HeldLease
from app.store.tick_feed import BATCH, REDIS_AWAY, TickFeed

log = structlog.get_logger()

FLUSH_S = 0.1
_RETRY_S = 0.2


class _Batch(NamedTuple):
    number: int
    pieces: Sequence[MicroCandle]
    states: Sequence[MarketState]


@dataclass(slots=True)
class Flushed:
    """What is in Redis now and waits to be told to the database.

    Attributes:
        states: of frames, by market, the newest of each.
        spans: where frames may be missing.
        lost: how often Redis turned out to have forgotten what we wrote.
    """

    states: dict[str, MarketState] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    refused: int = 0
    lost: int = 0


class TickFlusher:
    """Moves the fold's content to Redis; what could not be written waits for the next time.

    Attributes:
        flushed: for the flush of rows, which takes it away.
        ticks: frames in Redis since the reign began.
    """

    def __init__(self, book: FoldBook, feed: TickFeed, lease: HeldLease, clock: Clock) -> None:
        """Begin with batch number one; `feed` and `lease` share a fence."""
        self.flushed = Flushed()
        self.ticks = 0
        self._book = book
        self._feed = feed
        self._lease = lease
        self._source = feed.exchange.value
        self._clock = clock
        self._waiting: deque[_Batch] = deque()
        self._number = 0
        self._written_s = clock.monotonic()

    def take_flushed(self) -> Flushed:
        """Hand over what came together since the last call."""
        taken, self.flushed = self.flushed, Flushed()
        return taken

    async def retire(self, ext_ids: Sequence[str]) -> None:
        """Let settled markets fade from Redis; one that is away keeps them, which harms nobody."""
        if ext_ids:
            with suppress(*REDIS_AWAY):
                await self._feed.retire(ext_ids)

    async def run(self) -> None:
        """Flush for ever.

        Raises:
            LeaseLost: another holder writes, or Redis was away for too long.
        """
        while True:
            began_s = self._clock.monotonic()
            is_written = await self.flush()
            spent_s = self._clock.monotonic() - began_s
            pause_s = FLUSH_S if is_written else _RETRY_S
            await self._clock.sleep(max(pause_s - spent_s, 0))

    async def flush(self) -> bool:
        """Write everything there is; False when Redis is away.

        Raises:
            LeaseLost: see `run`.
        """
        self._lease.check()
        self._collect(self._book.take())
        try:
            while self._waiting:
                self._lease.check()
                await self._write(self._waiting[0])
                self._waiting.popleft()
        except REDIS_AWAY as error:
            away_s = self._clock.monotonic() - self._written_s
            log.warning("redis.unavailable", error=str(error) or "timeout", for_s=round(away_s, 1))
            if away_s > GIVE_UP_S:
                raise LeaseLost(f"no Redis for {GIVE_UP_S:g} s") from error
            return False
        self._written_s = self._clock.monotonic()
        return True

    def _collect(self, flush: Flush) -> None:
        self.flushed.spans += flush.spans
        self.flushed.refused += flush.refused
        self.flushed.rejects += [
            Reject(self._source, "tick", refusal.market_ext_id, refusal.reason, "")
            for refusal in flush.refusals
        ]
        for pieces, states in _cut(flush):
            self._queue(pieces, states)
        self._queue_states(flush.believed)

    def _queue(self, pieces: Sequence[MicroCandle], states: Sequence[MarketState]) -> None:
        self._number += 1
        self._waiting.append(_Batch(self._number, pieces, states))

    async def _write(self, batch: _Batch) -> None:
        written = await self._feed.write(batch.number, batch.pieces, batch.states)
        self.ticks += sum(piece.frames for piece in batch.pieces)
        if batch.pieces:
            self.flushed.states |= {state.market_ext_id: state for state in batch.states}
        if not written.was_known:
            self._after_loss()

    def _after_loss(self) -> None:
        """Write every market again: Redis is new, or forgot all it had."""
        self.flushed.lost += 1
        states = self._book.snapshot()
        log.warning("redis.found_empty", markets=len(states))
        self._queue_states(states)

    def restore(self, states: Sequence[MarketState]) -> None:
        """Write what the database knows of markets that no frame of this reign has told of."""
        told = {state.market_ext_id for state in self._book.snapshot()}
        self._queue_states([state for state in states if state.market_ext_id not in told])

    def _queue_states(self, states: Sequence[MarketState]) -> None:
        """Queue states without pieces: Redis alone is told of them."""
        for at in range(0, len(states), BATCH):
            self._queue((), states[at : at + BATCH])


def _cut(flush: Flush) -> Iterator[tuple[Sequence[MicroCandle], Sequence[MarketState]]]:
    """Cut a flush into batches that Redis can take in a few milliseconds each.

    A state never goes out before the pieces that led to it: every market has at least as
    many pieces as states, so both lists are aligned at their ends.
    """
    ahead = len(flush.pieces) - len(flush.states)
    for at in range(0, len(flush.pieces), BATCH):
        until = at + BATCH - ahead
        yield flush.pieces[at : at + BATCH], flush.states[max(at - ahead, 0) : max(until, 0)]
