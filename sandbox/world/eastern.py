"""US Eastern time without a time zone database, and the date codes Kalshi puts in tickers."""

from datetime import UTC, date, datetime, timedelta

from sandbox.world.units import DAY, SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def to_us(moment: datetime) -> int:
    """Return microseconds since 1970 of an aware time."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


def from_us(at_us: int) -> datetime:
    """Return the aware UTC time of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at_us)


def date_of(day: int) -> date:
    """Return the date of day number `day` since 1970-01-01."""
    return date(1970, 1, 1) + timedelta(days=day)


def day_of(at_us: int) -> int:
    """Return the UTC day number since 1970-01-01."""
    return at_us // DAY


def _nth_sunday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


def offset_hours(local: date) -> int:
    """Return Eastern minus UTC in hours on a local date (rule in force since 2007)."""
    summer = _nth_sunday(local.year, 3, 2) <= local < _nth_sunday(local.year, 11, 1)
    return -4 if summer else -5


def eastern_us(local: date, minutes: int) -> int:
    """Return the time `minutes` after local midnight of an Eastern date."""
    midnight = datetime(local.year, local.month, local.day, tzinfo=UTC)
    return to_us(midnight + timedelta(hours=-offset_hours(local), minutes=minutes))


def local_time(at_us: int) -> datetime:
    """Return the Eastern wall clock at a time, as a datetime labelled UTC."""
    moment = from_us(at_us)
    return moment + timedelta(hours=offset_hours((moment - timedelta(hours=5)).date()))


def day_code(local: date) -> str:
    """Return `26NOV22` for 2026-11-22."""
    return f"{local.year % 100:02d}{_MONTHS[local.month - 1]}{local.day:02d}"


def month_code(local: date) -> str:
    """Return `26NOV`."""
    return f"{local.year % 100:02d}{_MONTHS[local.month - 1]}"


def day_words(local: date) -> str:
    """Return `Nov 22`."""
    return f"{_MONTHS[local.month - 1].title()} {local.day}"


def clock_code(minutes: int) -> str:
    """Return `1905` for 19:05."""
    return f"{minutes // 60:02d}{minutes % 60:02d}"
