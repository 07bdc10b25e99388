"""The only place where prices come from; a matching book replaces it behind `PriceSource`."""

from sandbox.world.prices.seeded import SeededPrices
from sandbox.world.prices.source import Book, PriceSource, Snapshot

__all__ = ["Book", "PriceSource", "SeededPrices", "Snapshot"]
