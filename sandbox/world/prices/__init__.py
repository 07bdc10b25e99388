"""The only place where prices come from: matching books, or the seed alone for huge worlds."""

from sandbox.world.prices.book_prices import BookPrices
from sandbox.world.prices.live import Change, LivePrices
from sandbox.world.prices.seeded import SeededPrices
from sandbox.world.prices.source import Book, PriceSource, Snapshot

__all__ = [
    "Book",
    "BookPrices",
    "Change",
    "LivePrices",
    "PriceSource",
    "SeededPrices",
    "Snapshot",
]
