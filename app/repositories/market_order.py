"""The orders that lists of markets and events come in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Numeric,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from app.models.db import MarketQuote
from app.repositories.market_filters import Condition, MarketEntity, closes_at

QuoteEntity = type[MarketQuote]
Column = ColumnElement[Any] | InstrumentedAttribute[Any]

_ZERO: Column = literal_column("0")


class MarketSort(StrEnum):
    """Orders of a list; equal ranks are in the order of our ids."""

    VOLUME = "volume"  # contracts traded in 24 hours, most first
    CLOSE = "close"  # soonest to close first, never closing last
    MOVEMENT = "movement"  # last price against a day ago, either way, most first
    NEWEST = "newest"  # latest listed first


@dataclass(frozen=True, slots=True)
class Order:
    """How to rank a market.

    Attributes:
        rank: the expression an index holds, so the words matter; never NULL.
        of_quotes: the index is on `market_quotes`, which some markets are not in.
    """

    rank: Callable[[MarketEntity, QuoteEntity], Column]
    kind: TypeEngine[Any]
    is_descending: bool = True
    of_quotes: bool = False

    def directed(self, *columns: Column) -> list[ColumnElement[Any]]:
        """Return the columns as ORDER BY wants them."""
        return [c.desc() if self.is_descending else c.asc() for c in columns]

    def is_before(self, one: Any, other: Any) -> Condition:
        """Write that the row (rank, id) `one` comes before `other`."""
        found: Condition = one > other if self.is_descending else one < other
        return found

    def is_behind_cursor(self, rank: Column, market_id: Column) -> Condition:
        """Write that a row comes behind the last one of the page before.

        The sub-selects hide the values from the planner, which would take a known
        place for a nearly empty range, and plan anew for every page because of it.
        """
        after = tuple_(
            select(cast(bindparam("after_rank", type_=Text), self.kind)).scalar_subquery(),
            select(bindparam("after_id", type_=Uuid)).scalar_subquery(),
        )
        return self.is_before(after, tuple_(rank, market_id))


ORDERS: Mapping[MarketSort, Order] = {
    MarketSort.VOLUME: Order(
        lambda _, q: func.coalesce(q.volume_24h, _ZERO), Numeric(), of_quotes=True
    ),
    MarketSort.MOVEMENT: Order(
        lambda _, q: func.abs(func.coalesce(q.last - q.previous, _ZERO)), Numeric(), of_quotes=True
    ),
    MarketSort.CLOSE: Order(
        lambda m, _: closes_at(m), DateTime(timezone=True), is_descending=False
    ),
    MarketSort.NEWEST: Order(lambda m, _: m.listed_at, DateTime(timezone=True)),
}
