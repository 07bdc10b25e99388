"""What a person holds, with the prices it is judged by now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import SmallInteger, Text, and_, case, cast, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.people import Side
from app.models.db import Market, MarketOutcome, MarketQuote, Position
from app.repositories.feed_states import (
    freshness_arguments,
    price_as_of,
    price_feeds,
    price_is_stale,
)
from app.repositories.keyset import AnyRow, Listed, cut, newest_first
from app.repositories.pages import Rows, Slice

HeldRow = AnyRow  # the columns of `_held`


async def list_positions(
    session: AsyncSession, user_id: UUID, part: Slice, *, now: datetime
) -> Listed[HeldRow]:
    """List a page of what a person holds, latest opened first."""
    query = newest_first(_held(user_id), Position.opened_at, Position.id, part)
    rows = (await session.execute(query, freshness_arguments(now))).all()
    return cut(rows, part, lambda row: (row.opened_at, row.id))


async def list_newest_positions(
    session: AsyncSession, user_id: UUID, limit: int, *, now: datetime
) -> Sequence[HeldRow]:
    """List at most `limit` of what a person holds, latest opened first."""
    return (await list_positions(session, user_id, Slice(None, limit), now=now)).rows


def _held(user_id: UUID) -> Rows:
    feeds = price_feeds()
    as_of = price_as_of(MarketQuote.as_of, feeds)
    outcome = and_(
        MarketOutcome.market_id == Position.market_id,
        MarketOutcome.position == _place_of_side(),
        ~MarketOutcome.is_deleted,
    )
    held: Rows = (
        select(
            *(Position.id, Position.market_id, Position.side, Position.contracts),
            *(Position.average_price, Position.opened_at, Position.updated_at),
            *(Market.exchange, Market.ext_id, Market.event_id, Market.title, Market.status),
            *(Market.settlement_value, MarketQuote.last, MarketQuote.bid, MarketQuote.ask),
            MarketOutcome.name.label("outcome"),
            as_of.label("as_of"),
            price_is_stale(as_of, feeds).label("is_stale"),
        )
        .join(Market, Market.id == Position.market_id)
        .outerjoin(MarketQuote, MarketQuote.market_id == Position.market_id)
        .outerjoin(MarketOutcome, outcome)
        .outerjoin(feeds, feeds.c.exchange == cast(Market.exchange, Text))
        .where(Position.user_id == user_id)
    )
    return held


def _place_of_side() -> Any:
    """Write the place of the outcome that a position is in."""
    return case(
        (Position.side == Side.YES, literal_column("0", SmallInteger)),
        else_=literal_column("1", SmallInteger),
    )
