"""Markets: pages of a list as JSON, and single ones."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from app.core.database import Pool
from app.domain.freshness import PriceFeeds
from app.domain.spelling import Spelling
from app.models.db import Event, Market, MarketOutcome, MarketQuote, live
from app.repositories.feed_states import freshness_arguments, get_price_feeds
from app.repositories.market_filters import MarketFilter
from app.repositories.market_order import MarketSort
from app.repositories.market_rows import COLUMNS, market_page
from app.repositories.market_walk import Start, Walk, walk_markets
from app.repositories.pages import Page, Slice, fetch_page, rows_to_fetch
from app.repositories.statements import Statement


@dataclass(frozen=True, slots=True)
class MarketView:
    """One market with everything that a detail shows."""

    market: Market
    quote: MarketQuote | None
    feeds: PriceFeeds


async def list_markets(
    pool: Pool,
    wanted: MarketFilter,
    sort: MarketSort,
    part: Slice,
    *,
    now: datetime,
    spelling: Spelling,
) -> Page:
    """List a page of markets with outcomes and quotes as JSON."""
    arguments = wanted.arguments()
    rows = rows_to_fetch(part.limit, is_filtered=bool(arguments))
    walk = Walk(wanted.shape(arguments), sort, rows, Start.after(part.after))
    statement = _statement(walk, spelling)
    arguments |= freshness_arguments(now)
    return await fetch_page(pool, statement, arguments, part)


@lru_cache(maxsize=500)
def _statement(walk: Walk, spelling: Spelling) -> Statement:
    return market_page(walk_markets(walk, COLUMNS), spelling)


async def get_market(session: AsyncSession, market_id: UUID) -> MarketView | None:
    """Get one market with its outcomes, event, series, quote and what vouches for it."""
    query = (
        select(Market, MarketQuote)
        .outerjoin(MarketQuote, MarketQuote.market_id == Market.id)
        .where(Market.id == market_id, live(Market))
        .options(
            joinedload(Market.event).joinedload(Event.series),
            selectinload(Market.outcomes.and_(~MarketOutcome.is_deleted)),
        )
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    market, quote = found
    return MarketView(market, quote, await get_price_feeds(session, market.exchange))
