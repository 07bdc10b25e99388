"""The last eighty minutes of one market: by the second, and by the minute when older."""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

SECOND_MS = 1_000
MINUTE_MS = 60_000
_FINE_MS = 6 * MINUTE_MS
_KEPT_MS = 80 * MINUTE_MS


class Slot(NamedTuple):
    """What a market looked like at the end of a second (of a minute, when older).

    Attributes:
        ms: when that second began (of a minute: the first one with a change), Unix
            milliseconds by the exchange's clock.
        mark2: what the outcome was worth, in half micro-dollars.
        last, bid, ask: micro-dollars.
        volume: hundredths of a contract traded in this slot.
        prints: seconds of it with trades.
    """

    ms: int
    mark2: int
    last: int | None
    bid: int | None
    ask: int | None
    volume: int
    prints: int


class PriceWindow:
    """Slots of one market, oldest first; a second without a change has none.

    Attributes:
        low2, high2: extremes of the marks held; a bound, exact after each minute.
        volume: traded in the last six to seven minutes; a bound as well.
    """

    __slots__ = ("_times", "high2", "low2", "slots", "volume")

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.slots: list[Slot] = []
        self._times: list[int] = []
        self.low2 = self.high2 = self.volume = 0

    def clear(self) -> None:
        """Forget everything: what comes next is not comparable."""
        self.slots.clear()
        self._times.clear()
        self.low2 = self.high2 = self.volume = 0

    def record(self, state: Slot) -> None:
        """Add a state; in the same second it takes the place of the one before."""
        slots = self.slots
        ms, mark2, last, bid, ask, volume, prints = state
        self.volume += volume
        if mark2 < self.low2 or not slots:
            self.low2 = mark2
        if mark2 > self.high2 or not slots:
            self.high2 = mark2
        if slots and slots[-1].ms >= ms:
            known = slots[-1]
            both = (known.ms, mark2, last, bid, ask, known.volume + volume, known.prints or prints)
            slots[-1] = tuple.__new__(Slot, both)
            return
        slots.append(state)
        self._times.append(ms)

    def position(self, ms: int) -> int:
        """Return the place of the state that held at a time; the first one when all are later."""
        return max(bisect_right(self._times, ms) - 1, 0)

    def compact(self, now_ms: int) -> None:
        """Let go of what is too old and join what is older than six minutes into minutes."""
        times, slots = self._times, self.slots
        dropped = max(bisect_right(times, now_ms - _KEPT_MS) - 1, 0)
        old = bisect_left(times, (now_ms - _FINE_MS) // MINUTE_MS * MINUTE_MS)
        joined: list[Slot] = []
        for slot in slots[dropped:old]:
            if joined and joined[-1].ms // MINUTE_MS == slot.ms // MINUTE_MS:
                known = joined[-1]
                joined[-1] = _join(known, slot)
            else:
                joined.append(slot)
        slots[:old] = joined
        times[:old] = [slot.ms for slot in joined]
        self.low2 = min((slot.mark2 for slot in slots), default=0)
        self.high2 = max((slot.mark2 for slot in slots), default=0)
        self.volume = sum(slot.volume for slot in slots[len(joined) :])

    def typical2(self, from_ms: int, until_ms: int, direction: int) -> int | None:
        """Return the mark that held for half of a time, the nearer one to a move if two did.

        Args:
            direction: 1 = of two medians the higher one, -1 = the lower one.

        Returns:
            Half micro-dollars; None when nothing is known of that time.
        """
        slots = self.slots
        if not slots or slots[0].ms >= until_ms:
            return None
        begin = max(from_ms, slots[0].ms)
        held: dict[int, int] = {}
        end = until_ms
        for at in range(self.position(until_ms), -1, -1):
            slot = slots[at]
            held[slot.mark2] = held.get(slot.mark2, 0) + end - max(slot.ms, begin)
            end = slot.ms
            if end <= begin:
                break
        return _median(held, until_ms - begin, direction)


def _join(known: Slot, later: Slot) -> Slot:
    """Return one slot for two: the state of the later one, as of the beginning of the first."""
    volume, prints = known.volume + later.volume, known.prints + later.prints
    return later._replace(ms=known.ms, volume=volume, prints=prints)


def _median(held: dict[int, int], total: int, direction: int) -> int:
    """Return the weighted median, seen from the side of the direction."""
    passed = 0
    marks = sorted(held, reverse=direction > 0)
    for mark2 in marks:
        passed += held[mark2]
        if 2 * passed >= total:
            return mark2
    return marks[-1]
