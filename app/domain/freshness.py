"""How old what we show is, and when we call it stale.

Two feeds vouch for an exchange's prices: `catalogue`, which reads all of them every few
minutes, and `ticks`, which hears of every change while it is live, so that a price which
did not change is still true. `app.repositories.feed_states` says the same in SQL.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.types import Exchange

STALE_AFTER = timedelta(minutes=20)
# Stale has to show within 30 s of the cause, and answers are kept for a second or two.
SILENT_AFTER = timedelta(seconds=25)
CATALOGUE_SUFFIX = ".catalogue"
TICKS_SUFFIX = ".ticks"


class FeedWord(StrEnum):
    """What a feed says of itself."""

    LIVE = "live"  # every change arrives as it happens
    POLLING = "polling"  # read from time to time
    DEGRADED = "degraded"  # some of it may be missing
    STALE = "stale"  # nothing arrives, or nobody knows


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed said last; `as_of`: all of it was true then, None = never."""

    state: str
    since: datetime
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class PriceFeeds:
    """The feeds that vouch for the prices of one exchange; None = never said anything."""

    catalogue: Feed | None = None
    ticks: Feed | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a price was last known to be true, and whether that is too long ago to rely on."""

    as_of: datetime | None
    is_stale: bool


def catalogue_feed(exchange: Exchange) -> str:
    """Return the name of the feed that keeps an exchange's catalogue and quotes true."""
    return f"{exchange}{CATALOGUE_SUFFIX}"


def ticks_feed(exchange: Exchange) -> str:
    """Return the name of the feed that an exchange's prices arrive by as they change."""
    return f"{exchange}{TICKS_SUFFIX}"


def full_sync(exchange: Exchange) -> str:
    """Return the name of the run that reads an exchange's whole catalogue."""
    return f"{exchange}_full_sync"


def standing(ticks: Feed, *, now: datetime) -> Feed:
    """Return how a feed of ticks is, whatever it said last.

    A live one repeats itself every two seconds. One that does not has lost its writer, and
    is stale since it was last heard.
    """
    is_heard = ticks.as_of is not None and now - ticks.as_of <= SILENT_AFTER
    if ticks.state != FeedWord.LIVE or is_heard:
        return ticks
    return Feed(FeedWord.STALE, ticks.as_of or ticks.since, ticks.as_of)


def freshness(quoted_at: datetime | None, feeds: PriceFeeds, *, now: datetime) -> Freshness:
    """Judge a price read at `quoted_at` (None = no price was ever seen).

    A live feed of ticks vouches for every price, a stale one for none. Without either, a
    price counts for 20 minutes after it, or the whole catalogue, was last read.
    """
    as_of = _latest(quoted_at, feeds.catalogue)
    ticks = feeds.ticks and standing(feeds.ticks, now=now)
    state = ticks.state if ticks else None
    if feeds.ticks and feeds.ticks.state == FeedWord.LIVE:
        as_of = _latest(as_of, feeds.ticks)
    if state not in {FeedWord.LIVE, FeedWord.STALE}:
        state = feeds.catalogue.state if feeds.catalogue else None
    return Freshness(as_of, is_stale(as_of, state, now=now))


def is_stale(as_of: datetime | None, feed_state: str | None, *, now: datetime) -> bool:
    """Whether something must be shown as old: 20 minutes, of unknown age, or its feed says so."""
    return as_of is None or now - as_of > STALE_AFTER or feed_state == FeedWord.STALE


def _latest(at: datetime | None, feed: Feed | None) -> datetime | None:
    known = [moment for moment in (at, feed.as_of if feed else None) if moment is not None]
    return max(known, default=None)
