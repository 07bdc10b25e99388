"""The lengths candles are shown in, and which buckets a window holds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CandleInterval(StrEnum):
    """How long one candle is. Buckets start at whole multiples of it since 1970, UTC."""

    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    QUARTER = "15m"
    HOUR = "1h"
    DAY = "1d"

    @property
    def length(self) -> timedelta:
        """The length as a span of time."""
        return _LENGTHS[self]


_LENGTHS = {
    CandleInterval.MINUTE: MINUTE,
    CandleInterval.FIVE_MINUTES: 5 * MINUTE,
    CandleInterval.QUARTER: 15 * MINUTE,
    CandleInterval.HOUR: timedelta(hours=1),
    CandleInterval.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class CandleWindow:
    """Candles whose bucket starts in [start, end); None is open.

    The window decides on whole buckets, so no candle is ever folded from a part of its minutes.
    """

    interval: CandleInterval
    start: datetime | None = None
    end: datetime | None = None

    def first_bucket(self) -> datetime | None:
        """Return the earliest start of a bucket in the window."""
        return self.start and next_bucket(self.start, self.interval)

    def end_bucket(self) -> datetime | None:
        """Return the first start of a bucket behind the window."""
        return self.end and next_bucket(self.end, self.interval)


def next_bucket(at: datetime, interval: CandleInterval) -> datetime:
    """Return the first start of a bucket that is not before `at`."""
    return at + (_EPOCH - at) % interval.length
