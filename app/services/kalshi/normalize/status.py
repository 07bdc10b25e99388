"""Kalshi's status words in ours."""

from functools import lru_cache

import structlog

from app.domain.types import MarketStatus

log = structlog.get_logger()

# The eight words of responses, then the four more that only filters and older payloads use.
KALSHI_STATUS_MAP = {
    "initialized": MarketStatus.UPCOMING,
    "active": MarketStatus.OPEN,
    "inactive": MarketStatus.PAUSED,
    "closed": MarketStatus.CLOSED,
    "determined": MarketStatus.DETERMINED,
    "disputed": MarketStatus.DISPUTED,
    "amended": MarketStatus.DETERMINED,  # determined again, the settlement timer restarts
    "finalized": MarketStatus.SETTLED,
    "unopened": MarketStatus.UPCOMING,
    "open": MarketStatus.OPEN,
    "paused": MarketStatus.PAUSED,
    "settled": MarketStatus.SETTLED,
}


def to_market_status(word: str | None) -> MarketStatus:
    """Translate a status word; an unknown or missing one is `UNKNOWN`, logged once per process."""
    status = KALSHI_STATUS_MAP.get(word or "")
    if status is not None:
        return status
    _warn_once((word or "")[:40])
    return MarketStatus.UNKNOWN


@lru_cache(maxsize=1024)
def _warn_once(word: str) -> None:
    log.warning("market.status_unknown", exchange="kalshi", word=word)
