"""Quiet hours: a daily window on a person's own clock, and when it ends."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


class QuietBehaviour(StrEnum):
    """What quiet hours mean for a class of pushes."""

    IGNORE = "ignore"  # sent all the same
    ASKED = "asked"  # they count only for who asked that they do
    CHOSEN = "chosen"  # held until they end, or dropped, as the person chose
    HOLD = "hold"  # always held


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, across midnight when the second is the earlier one.

    Equal times are no window. `zone` is an IANA name.
    """

    start: time
    end: time
    zone: str


def quiet_until(hours: QuietHours, now: datetime) -> datetime | None:
    """Return when the quiet hours end that `now` lies in; None outside of them.

    On the day when clocks jump forward, a time that is skipped means the jump; when they go
    back, a start that happens twice means the first and an end the second: never less quiet
    than the clock on the wall says.
    """
    zone = _zone(hours.zone)
    today = now.astimezone(zone).date()
    windows = (_window(hours, day, zone) for day in (today - _DAY, today))
    ends = [end for start, end in windows if start <= now < end]
    return max(ends, default=None)


def _zone(name: str) -> ZoneInfo:
    """Return a zone; one that nobody knows is UTC, since one bad row must not stop the others."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return ZoneInfo("UTC")


def _window(hours: QuietHours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the window that starts on a day, as instants; empty when the times are equal."""
    last_day = day if hours.start <= hours.end else day + _DAY
    start = _instant(datetime.combine(day, hours.start), zone, is_later=False)
    is_empty = hours.start == hours.end
    end = _instant(datetime.combine(last_day, hours.end), zone, is_later=True)
    return (start, start) if is_empty else (start, end)


def _instant(wall: datetime, zone: ZoneInfo, *, is_later: bool) -> datetime:
    """Return when a wall clock shows a time: of two moments the one asked for, of none the jump."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if second >= first:
        return second if is_later else first
    return _jump(second, first, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment between two at which the zone's offset changes, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
