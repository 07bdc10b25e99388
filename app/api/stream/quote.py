"""One market's latest prices in this process: what entries of `ticks` said, and its row.

Prices are whole micro-dollars, counts hundredths of a contract, times milliseconds since
1970 by the exchange's clock.
"""

from typing import TYPE_CHECKING

from app.api.stream.entry_ids import BEGINNING, EntryId
from app.domain.fold import MicroCandle
from app.repositories.stream_quotes import QuoteRow

if TYPE_CHECKING:
    from app.api.stream.subscription import Subscription

TRAIL_MS = 10_000  # rows lag behind entries by two seconds


class Quote:
    """The latest prices of a market, from whoever knew them last.

    A frame follows the order of its stream, so it replaces what a request had said
    whatever the two clocks say (as in `store.quotes`); of two frames the newer one stays.

    Attributes:
        row: what the catalogue says of it; None while nobody wants it.
        tick_ms: time of the newest frame; 0 = none is known.
        as_of_ms: when the values were last known to be true; never moves back.
        entry: the newest entry of `ticks` that changed it.
        packed: its JSON, until it changes.
        listeners: what each subscription has not been sent yet.
    """

    __slots__ = (
        "as_of_ms",
        "ask",
        "bid",
        "entry",
        "ext_id",
        "last",
        "listeners",
        "open_interest",
        "packed",
        "row",
        "tick_ms",
        "trail",
        "trail_from_ms",
        "volume",
    )

    def __init__(self, ext_id: str) -> None:
        self.ext_id = ext_id
        self.row: QuoteRow | None = None
        self.last: int | None = None
        self.bid: int | None = None
        self.ask: int | None = None
        self.open_interest: int | None = None
        self.volume: int | None = None  # since the market opened; from the row onwards
        self.as_of_ms = 0
        self.tick_ms = 0
        self.entry = BEGINNING
        self.trail: list[tuple[int, int]] = []  # (time, volume) of the newest pieces
        self.trail_from_ms = 0  # the trail holds everything after this
        self.packed: bytes | None = None
        self.listeners: dict[Subscription, dict[Quote, None]] = {}

    def apply(self, piece: MicroCandle, entry: EntryId) -> bool:
        """Take over a piece; False when it is older than what is known."""
        ms = piece.last_ms
        if ms < self.tick_ms:
            return False
        if piece.close is not None:
            self.last = piece.close
        self.bid, self.ask, self.open_interest = piece.bid, piece.ask, piece.open_interest
        if piece.volume:
            self._count(ms, piece.volume)
        self.tick_ms = ms
        if ms > self.as_of_ms:
            self.as_of_ms = ms
        self.entry = entry
        self.packed = None
        return True

    def adopt(self, row: QuoteRow) -> bool:
        """Take over a row where it is newer, and its volume with what was traded since.

        Returns:
            Whether any value is another one now.
        """
        before = (self.last, self.bid, self.ask, self.open_interest, self.volume)
        is_first, self.row = self.row is None, row
        newest_ms = self.tick_ms if row.is_tick else self.as_of_ms
        if row.as_of_ms >= newest_ms:
            self.last, self.bid, self.ask = row.last, row.bid, row.ask
            self.open_interest = row.open_interest
            self.as_of_ms = max(self.as_of_ms, row.as_of_ms)
            self.tick_ms = max(self.tick_ms, row.as_of_ms) if row.is_tick else self.tick_ms
        if row.volume is not None and (is_first or row.as_of_ms >= self.trail_from_ms):
            self.volume = row.volume + sum(new for ms, new in self.trail if ms > row.as_of_ms)
        has_changed = before != (self.last, self.bid, self.ask, self.open_interest, self.volume)
        if has_changed:
            self.packed = None
        return has_changed

    def changed_since(self, entry: EntryId) -> bool:
        """Whether a client that has seen everything up to `entry` may lack something.

        Values that no entry in our memory brought count as new when their time lies after
        the entry, or so little before that the entry may not have held them.
        """
        return self.entry > entry or self.as_of_ms > max(self.tick_ms, entry.ms - TRAIL_MS)

    def _count(self, ms: int, traded: int) -> None:
        if self.volume is not None:
            self.volume += traded
        trail = self.trail
        trail.append((ms, traded))
        if trail[0][0] < ms - TRAIL_MS:
            old = [at for at, (then, _) in enumerate(trail) if then < ms - TRAIL_MS][-1]
            self.trail_from_ms = trail[old][0]
            del trail[: old + 1]
