"""Order books: who offers what for a market's first outcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.types import Contracts, Exchange, Price


@dataclass(frozen=True, slots=True)
class BookLevel:
    """Contracts offered at one price (0..1, the ends excluded)."""

    price: Price
    contracts: Contracts


@dataclass(frozen=True, slots=True)
class OrderBook:
    """A market's open offers at `as_of`; both sides in prices of the first outcome, best first.

    A side without offers is empty. A bid for the second outcome at `p` is an ask
    for the first at `1 - p`.
    """

    exchange: Exchange
    market_ext_id: str
    as_of: datetime
    bids: tuple[BookLevel, ...] = ()
    asks: tuple[BookLevel, ...] = ()

    @property
    def best_bid(self) -> BookLevel | None:
        """Highest bid, None when nobody bids."""
        return self.bids[0] if self.bids else None

    @property
    def best_ask(self) -> BookLevel | None:
        """Lowest ask, None when nobody asks."""
        return self.asks[0] if self.asks else None


def book_of_bids(
    exchange: Exchange,
    market_ext_id: str,
    *,
    first: Iterable[BookLevel],
    second: Iterable[BookLevel],
    as_of: datetime,
) -> OrderBook:
    """Make a book from the bids for both outcomes, in any order; empty levels are dropped."""
    asks = (BookLevel(Price(Decimal(1) - level.price), level.contracts) for level in second)
    return OrderBook(
        exchange=exchange,
        market_ext_id=market_ext_id,
        as_of=as_of,
        bids=_sort_levels(first, best_is_high=True),
        asks=_sort_levels(asks, best_is_high=False),
    )


def _sort_levels(levels: Iterable[BookLevel], *, best_is_high: bool) -> tuple[BookLevel, ...]:
    offered = (level for level in levels if level.contracts)
    return tuple(sorted(offered, key=lambda level: level.price, reverse=best_is_high))
