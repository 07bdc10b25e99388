"""Public trades of one market: pages as JSON."""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    Numeric,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    tuple_,
)

from app.core.database import Pool
from app.domain.spelling import Spelling
from app.domain.trades import TakerSide
from app.models.db import MarketOutcome, PublicTrade
from app.repositories.feed_states import freshness_arguments
from app.repositories.json_rows import Column, Fields, json_decimal, json_odds, json_time
from app.repositories.market_parts import OF_MARKET, MarketPart, compile_part, fetch_part
from app.repositories.pages import Rows, Slice, row_limit, select_page
from app.repositories.statements import Statement

_POSITIONS = {TakerSide.FIRST: 0, TakerSide.SECOND: 1}  # of outcomes
_FETCHES = (51, 201)


async def list_trades(
    pool: Pool,
    market_id: UUID,
    min_usd: Decimal | None,
    part: Slice,
    *,
    now: datetime,
    spelling: Spelling,
) -> MarketPart | None:
    """List a page of the trades of a market, newest first; None when there is no such market.

    Args:
        min_usd: only those whose taker paid at least so much.
    """
    rows = next(size for size in _FETCHES if size > part.limit)
    statement = _statement(rows, min_usd is not None, part.after is not None, spelling)
    arguments = {**freshness_arguments(now), "min_usd": min_usd}
    return await fetch_part(pool, statement, market_id, arguments, part)


@lru_cache(maxsize=20)
def _statement(rows: int, has_floor: bool, is_continued: bool, spelling: Spelling) -> Statement:
    place = (PublicTrade.traded_at, PublicTrade.ext_id)
    order = [column.desc() for column in place]
    walk: Rows = select(
        PublicTrade,
        PublicTrade.ext_id.label("id"),
        PublicTrade.traded_at.label("rank"),
        func.row_number().over(order_by=order).label("n"),
    ).where(PublicTrade.market_id == OF_MARKET)
    if has_floor:
        walk = walk.where(PublicTrade.cost_usd >= bindparam("min_usd", type_=Numeric()))
    if is_continued:
        rank = cast(bindparam("after_rank", type_=Text), DateTime(timezone=True))
        walk = walk.where(tuple_(*place) < tuple_(rank, bindparam("after_id", type_=Text)))
    page = walk.order_by(*order).limit(row_limit(rows)).cte("page")
    bought = and_(
        MarketOutcome.market_id == page.c.market_id,
        MarketOutcome.position == _position(page.c.taker),
        ~MarketOutcome.is_deleted,
    )
    found: Rows = select(page).outerjoin(MarketOutcome, bought)
    fields: Fields = {
        "ext_id": page.c.ext_id,
        "traded_at": json_time(page.c.traded_at),
        "price": json_decimal(page.c.price),
        "price_american": json_odds(page.c.price),
        "outcome_id": MarketOutcome.id,
        "outcome": MarketOutcome.name,
        "contracts": json_decimal(page.c.contracts),
        "cost_usd": json_decimal(page.c.cost_usd),
        "is_block": page.c.is_block,
    }
    return compile_part(select_page(page, found, fields, spelling), spelling)


def _position(taker: Column) -> Column:
    """Write which outcome the taker bought; NULL when the exchange did not say."""
    sides = [
        (taker == literal_column(f"'{side}'", Text), literal_column(str(position), Integer))
        for side, position in _POSITIONS.items()
    ]
    return case(*sides)
