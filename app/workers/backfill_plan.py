"""Which windows are fetched together: as few requests as possible, little asked in vain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain.types import Exchange
from app.store.candle_backfills import Backfill

MINUTE = timedelta(minutes=1)
PER_REQUEST = 10_000  # candles an exchange gives at once
_TOGETHER = 100  # markets
_ALONE_AFTER = 2  # attempts
_SLACK = timedelta(minutes=10)  # asked for in vain, so that windows go together


@dataclass(frozen=True, slots=True)
class PlannedFetch:
    """Windows of one exchange that are asked for at once.

    Attributes:
        first_at, last_at: the first and the last minute of all of them.
        requests: how many it takes.
    """

    exchange: Exchange
    backfills: Sequence[Backfill]
    first_at: datetime
    last_at: datetime
    requests: int


@dataclass(slots=True)
class _Group:
    exchange: Exchange
    backfills: list[Backfill]
    first_at: datetime
    last_at: datetime


def plan_fetches(
    due: Sequence[Backfill], *, first_at: datetime, requests: int
) -> Iterator[PlannedFetch]:
    """Yield groups of windows, gaps before histories, until the requests are spent.

    What failed twice in company goes alone: one market may spoil a request for all.

    Args:
        due: of known markets.
        first_at: nothing before it is asked for.
    """
    for group in _group(due, first_at):
        minutes = (group.last_at - group.first_at) // MINUTE + 1
        needed = -(-minutes * len(group.backfills) // PER_REQUEST)
        if needed > requests:
            return
        requests -= needed
        yield PlannedFetch(group.exchange, group.backfills, group.first_at, group.last_at, needed)


def _group(due: Sequence[Backfill], first_at: datetime) -> Iterator[_Group]:
    """Put windows that follow each other and are alike into one group."""
    group: _Group | None = None
    for exchange, found in sorted(
        ((found.exchange, found) for found in due if found.exchange), key=_alike
    ):
        start = max(_floor(found.window.since), first_at)
        last = max(_floor(found.window.until), start)
        if group is not None and group.exchange is exchange and _fits(group, found, start, last):
            group.backfills.append(found)
            group.first_at = min(group.first_at, start)
            group.last_at = max(group.last_at, last)
            continue
        if group is not None:
            yield group
        group = _Group(exchange, [found], start, last)
    if group is not None:
        yield group


def _alike(asked: tuple[Exchange, Backfill]) -> tuple[object, ...]:
    """Order windows so that those alike are neighbours."""
    exchange, found = asked
    window = found.window
    is_alone = found.attempts >= _ALONE_AFTER
    return not found.replaces, exchange, is_alone, window.since, window.until, found.id


def _fits(group: _Group, found: Backfill, start: datetime, last: datetime) -> bool:
    """Tell whether a window may go with others: still one request, and not much for nothing."""
    first_at, last_at = min(group.first_at, start), max(group.last_at, last)
    minutes = (last_at - first_at) // MINUTE + 1
    other = group.backfills[0]
    return (
        found.replaces == other.replaces
        and max(found.attempts, other.attempts) < _ALONE_AFTER
        and len(group.backfills) < _TOGETHER
        and minutes * (len(group.backfills) + 1) <= PER_REQUEST
        and last_at - first_at <= (last - start) + _SLACK
    )


def _floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
