"""Our ids: UUIDv5 of natural keys, so that a replay makes the same ones."""

from functools import lru_cache
from uuid import UUID, uuid5

from app.domain.types import EventId, Exchange, MarketId, OutcomeId, SeriesId

NAMESPACE = UUID("6a1fa0d2-0c0d-5e11-9a55-a1fa00000001")


@lru_cache(maxsize=20_000)
def series_id(exchange: Exchange, ext_id: str) -> SeriesId:
    """Return the id of a series; `ext_id` is the exchange's own."""
    return SeriesId(uuid5(NAMESPACE, f"series:{exchange}:{ext_id}"))


@lru_cache(maxsize=20_000)
def event_id(exchange: Exchange, ext_id: str) -> EventId:
    """Return the id of an event; `ext_id` is the exchange's own."""
    return EventId(uuid5(NAMESPACE, f"event:{exchange}:{ext_id}"))


@lru_cache(maxsize=20_000)
def market_id(exchange: Exchange, ext_id: str) -> MarketId:
    """Return the id of a market; `ext_id` is the exchange's own."""
    return MarketId(uuid5(NAMESPACE, f"market:{exchange}:{ext_id}"))


def outcome_id(market: MarketId, execution_asset_id: str) -> OutcomeId:
    """Return the id of one side of a market."""
    return OutcomeId(uuid5(NAMESPACE, f"outcome:{market}:{execution_asset_id}"))
