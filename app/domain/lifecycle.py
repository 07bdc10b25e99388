"""A market's status at a moment: the exchange's word, and the clock for what no one announces."""

from datetime import datetime

from app.domain.types import MarketStatus

_TRADEABLE = frozenset({MarketStatus.UPCOMING, MarketStatus.OPEN, MarketStatus.PAUSED})


def status_at(
    status: MarketStatus,
    *,
    open_at: datetime | None,
    close_at: datetime | None,
    now: datetime,
) -> MarketStatus:
    """Return the status at `now`, given what the exchange last said.

    Exchanges announce neither an opening at `open_at` nor a close at `close_at`;
    both follow from the clock. Every other change is taken from them alone.
    """
    if status not in _TRADEABLE:
        return status
    if close_at is not None and close_at <= now:
        return MarketStatus.CLOSED
    if status is MarketStatus.UPCOMING and open_at is not None and open_at <= now:
        return MarketStatus.OPEN
    return status
