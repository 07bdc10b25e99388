"""Walking markets in an order, from where the page before ended.

Keyset pagination: a page starts behind the last row's (rank, id), so it costs the
same at any depth and neither repeats nor skips a row that stays where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Uuid,
    bindparam,
    cast,
    func,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from app.models.db import Market, MarketQuote
from app.repositories.market_filters import Condition, Shape, conditions, is_of_event
from app.repositories.market_order import ORDERS, Column, MarketSort
from app.repositories.pages import Last, Rows, row_limit
from app.repositories.search import named

# The markets of one event or series are few: they are better found by it and sorted than
# met on a walk, which a planner still prefers when it hopes to meet some early. Words
# that no index has leave it no choice.
_NARROW = frozenset({"event_id", "series_id"})


class Start(StrEnum):
    """Where a page starts."""

    TOP = "top"
    RANKED = "ranked"  # behind a row with a rank
    UNRANKED = "unranked"  # behind a market without a quote

    @classmethod
    def after(cls, last: Last | None) -> "Start":
        """Return where the page behind `last` starts."""
        if last is None:
            return cls.TOP
        return cls.UNRANKED if last.rank is None else cls.RANKED


@dataclass(frozen=True, slots=True)
class Walk:
    """The shape of one walk.

    Attributes:
        rows: how many markets it stops after; None: bound as `fetch`.
        per_event: stop once at each event, at its first market.
    """

    shape: Shape
    sort: MarketSort
    rows: int | None
    start: Start = Start.TOP
    per_event: bool = False


def walk_markets(walk: Walk, columns: Sequence[Column]) -> CTE:
    """Write the walk: `id`, `rank`, `columns` of `Market` and `MarketQuote`, and `n` from 1.

    Binds `after_rank` (text) and `after_id` unless it starts at the top. Orders by a
    quote come to the markets without one last; those have no rank.
    """
    if not ORDERS[walk.sort].of_quotes:
        return _numbered(walk, _by_status(walk, columns))
    without = _part(walk, columns, has_quote=False)
    if walk.start is Start.UNRANKED:
        return _numbered(walk, [without])
    quoted = _part(walk, columns, has_quote=True).cte("quoted")
    count = select(func.count()).select_from(quoted).scalar_subquery()
    return _numbered(walk, [select(quoted), without.where(count < row_limit(walk.rows))])


def _by_status(walk: Walk, columns: Sequence[Column]) -> list[Rows]:
    """Walk each status by itself where an index starts with it: closed ones come first in time."""
    statuses = named(walk.shape, "status_")
    if walk.sort is not MarketSort.CLOSE or len(statuses) < 2:
        return [_part(walk, columns)]
    others = walk.shape.difference(statuses)
    return [_part(walk, columns, only=others | {status}) for status in statuses]


def _part(
    walk: Walk,
    columns: Sequence[Column],
    *,
    only: Shape | None = None,
    has_quote: bool | None = None,
) -> Rows:
    """Write a walk over markets with a quote, without one, or either (None)."""
    order = ORDERS[walk.sort]
    key = MarketQuote.market_id if has_quote else Market.id
    rank = order.rank(Market, MarketQuote)
    is_ranked = has_quote is not False
    part = select(
        Market.id.label("id"),
        (rank if is_ranked else cast(null(), order.kind)).label("rank"),
        *columns,
    ).where(*conditions(Market, only or walk.shape))
    if has_quote:
        part = part.select_from(MarketQuote).join(Market, Market.id == MarketQuote.market_id)
    else:
        part = part.outerjoin(MarketQuote, MarketQuote.market_id == Market.id)
    if not is_ranked:
        part = part.where(MarketQuote.market_id.is_(None))
    if walk.per_event:
        part = part.where(_is_first_of_event(walk, is_ranked=is_ranked))
    if walk.start is Start.RANKED and is_ranked:
        part = part.where(order.is_behind_cursor(rank, key))
    if walk.start is Start.UNRANKED:
        part = part.where(bindparam("after_id", type_=Uuid) > Market.id)
    place = [rank, key] if is_ranked else [key]
    return part.order_by(*_directed(walk, place)).limit(row_limit(walk.rows))


def _directed(walk: Walk, place: Sequence[Column]) -> list[ColumnElement[Any]]:
    if walk.shape & _NARROW:
        place = [func.coalesce(column, column) for column in place]
    return ORDERS[walk.sort].directed(*place)


def _is_first_of_event(walk: Walk, *, is_ranked: bool) -> Condition:
    """Write that no other market of the event that matches comes before this one."""
    order = ORDERS[walk.sort]
    market, quote = aliased(Market), aliased(MarketQuote)
    siblings = select(market.id).where(market.event_id == Market.event_id)
    if order.of_quotes:
        siblings = siblings.join(quote, quote.market_id == market.id, isouter=not is_ranked)
    if is_ranked:
        mine = tuple_(order.rank(Market, MarketQuote), Market.id)
        is_before = order.is_before(tuple_(order.rank(market, quote), market.id), mine)
    else:
        is_before = or_(quote.market_id.is_not(None), market.id > Market.id)
    own = frozenset(name for name in walk.shape if not is_of_event(name))
    siblings = siblings.where(is_before, *conditions(market, own))
    return ~siblings.correlate(Market, MarketQuote).exists()


def _numbered(walk: Walk, parts: Sequence[Rows]) -> CTE:
    """Join the parts in order; `n` counts from 1."""
    order = ORDERS[walk.sort]
    rows = parts[0].subquery("walk")
    if len(parts) > 1:
        rows = union_all(*(part.subquery().select() for part in parts)).subquery("walk")
    ranks = order.directed(rows.c.rank, rows.c.id)
    ranks = [ranks[0].nulls_last(), *ranks[1:]]
    number = func.row_number().over(order_by=ranks).label("n")
    return select(rows, number).order_by(*ranks).limit(row_limit(walk.rows)).cte("page")
