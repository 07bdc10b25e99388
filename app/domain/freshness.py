"""How old what we show is, and when we call it stale."""

from datetime import datetime, timedelta

from app.domain.types import Exchange

STALE_AFTER = timedelta(minutes=20)
STALE_STATE = "stale"
CATALOGUE_SUFFIX = ".catalogue"


def catalogue_feed(exchange: Exchange) -> str:
    """Return the name of the feed that keeps an exchange's catalogue and quotes true."""
    return f"{exchange}{CATALOGUE_SUFFIX}"


def full_sync(exchange: Exchange) -> str:
    """Return the name of the run that reads an exchange's whole catalogue."""
    return f"{exchange}_full_sync"


def true_at(quoted_at: datetime | None, feed_as_of: datetime | None) -> datetime | None:
    """Return when a price was last known to be true: its own reading, or its feed's."""
    return max((at for at in (quoted_at, feed_as_of) if at is not None), default=None)


def is_stale(as_of: datetime | None, feed_state: str | None, *, now: datetime) -> bool:
    """Whether a price must be shown as old: 20 minutes, of unknown age, or its feed says so."""
    return as_of is None or now - as_of > STALE_AFTER or feed_state == STALE_STATE
