"""Kalshi's REST interface: signing, budget, client, translation."""

from app.core.clock import Clock
from app.core.config import KalshiSettings
from app.services.kalshi.prices import KalshiPrices
from app.services.kalshi.source import KalshiMarkets, open_kalshi


def open_kalshi_markets(settings: KalshiSettings, clock: Clock) -> KalshiMarkets:
    """Make the catalogue source that settings describe; it signs when a key is set.

    Raises:
        OperatorError: the key or the base URL is wrong.
    """
    client = open_kalshi(settings, clock)
    return KalshiMarkets(client, include_combos=settings.include_combos)


def open_kalshi_rest(settings: KalshiSettings, clock: Clock) -> tuple[KalshiMarkets, KalshiPrices]:
    """Make catalogue and price source over one client, so that they share one read budget.

    Closing either closes the client, which may be done twice.

    Raises:
        OperatorError: the key or the base URL is wrong.
    """
    client, combos = open_kalshi(settings, clock), settings.include_combos
    return (
        KalshiMarkets(client, include_combos=combos),
        KalshiPrices(client, include_combos=combos),
    )


__all__ = [
    "KalshiMarkets",
    "KalshiPrices",
    "open_kalshi",
    "open_kalshi_markets",
    "open_kalshi_rest",
]
