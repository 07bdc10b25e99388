"""Markets that tick and have no watch yet: their pieces, and when to ask for them (again)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from app.domain.fold import MicroCandle
from app.domain.types import Exchange

Key = tuple[Exchange, str]
Flushed = tuple[MicroCandle, int]  # a piece, and when it was written (Unix milliseconds)

_PIECES = 600  # kept of one market
_ALL_PIECES = 100_000
_MARKETS = 200_000
_AT_ONCE = 500  # asked for in one go, so that ticks need not wait for long
_LOOK_EVERY = timedelta(seconds=10)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=10)


@dataclass(slots=True)
class _Waiting:
    """One market; `pieces` None = it was unknown twice, none are kept any more."""

    pieces: list[Flushed] | None = field(default_factory=list)
    pause: timedelta = _FIRST_PAUSE
    not_before: datetime | None = None
    is_heard: bool = True


class WaitingMarkets:
    """Markets without a watch.

    One that the catalogue does not have is asked for again only while it ticks, less and less
    often: combinations of bets tick by the thousand and are never watched.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: dict[Key, _Waiting] = {}
        self._due: dict[Key, None] = {}
        self._kept = 0
        self._look_at: datetime | None = None

    def __len__(self) -> int:
        """How many markets wait."""
        return len(self._waiting)

    @property
    def kept(self) -> int:
        """How many pieces are kept."""
        return self._kept

    def keep(self, key: Key, flushed: Flushed) -> None:
        """Keep a piece of a market that has no watch, unless there are too many."""
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = _Waiting()
            self._due[key] = None
        waiting.is_heard = True
        pieces = waiting.pieces
        if pieces is not None and len(pieces) < _PIECES and self._kept < _ALL_PIECES:
            pieces.append(flushed)
            self._kept += 1

    def take_due(self, now: datetime) -> list[Key]:
        """Return markets to ask for now, those that wait longest first."""
        if self._look_at is None or now >= self._look_at:
            self._look_at = now + _LOOK_EVERY
            for key, waiting in self._waiting.items():
                is_due = waiting.not_before is not None and waiting.not_before <= now
                if is_due and waiting.is_heard:
                    self._due[key] = None
        due = list(islice(self._due, _AT_ONCE))
        for key in due:
            del self._due[key]
        return due

    def put_off(self, key: Key, now: datetime) -> None:
        """Ask for a market again after a pause: nobody knows it."""
        waiting = self._waiting[key]
        if waiting.not_before is not None:
            self._forget_pieces(waiting)
            waiting.pause = min(2 * waiting.pause, _LONGEST_PAUSE)
        waiting.not_before, waiting.is_heard = now + waiting.pause, False
        if len(self._waiting) > _MARKETS:
            self.pop(key)

    def pop(self, key: Key) -> Sequence[Flushed]:
        """Let go of a market; return its pieces, oldest first."""
        waiting = self._waiting.pop(key)
        pieces = waiting.pieces or ()
        self._forget_pieces(waiting)
        return pieces

    def _forget_pieces(self, waiting: _Waiting) -> None:
        self._kept -= len(waiting.pieces or ())
        waiting.pieces = None
