"""Kalshi's REST interface: signing, budget, client, translation."""

from app.core.clock import Clock
from app.core.config import KalshiSettings
from app.services.kalshi.source import KalshiMarkets, open_kalshi


def open_kalshi_markets(settings: KalshiSettings, clock: Clock) -> KalshiMarkets:
    """Make the catalogue source that settings describe; it signs when a key is set.

    Raises:
        OperatorError: the key or the base URL is wrong.
    """
    client = open_kalshi(settings, clock)
    return KalshiMarkets(client, include_combos=settings.include_combos)


__all__ = ["KalshiMarkets", "open_kalshi", "open_kalshi_markets"]
