"""The market list with ORM objects, `selectinload` and `response_model`: the common recipe."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.api.schemas.markets import MarketOut, MarketPage
from app.api.views import to_quote
from app.domain.freshness import PriceFeeds, freshness
from app.domain.types import Exchange
from app.models.db import Market, MarketQuote, live
from app.repositories.feed_states import get_price_feeds

router = APIRouter()
_RANK = func.coalesce(MarketQuote.volume_24h, 0)
_BUILT = {"outcomes", "quote", "as_of", "is_stale"}


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Open the request's transaction."""
    async with request.app.state.sessions.begin() as session:
        yield session


@router.get("/markets", response_model=MarketPage)
async def list_markets(
    session: Annotated[AsyncSession, Depends(get_session)],
    rank: Decimal,
    after: UUID,
    limit: int = 100,
) -> dict[str, object]:
    """List markets by volume, behind the one with this rank and id."""
    query = (
        select(Market, MarketQuote)
        .join(MarketQuote, MarketQuote.market_id == Market.id)
        .where(live(Market), ~Market.is_combo, tuple_(_RANK, MarketQuote.market_id) < (rank, after))
        .order_by(_RANK.desc(), MarketQuote.market_id.desc())
        .limit(limit)
        .options(selectinload(Market.outcomes))
    )
    found = (await session.execute(query)).all()
    feeds = await get_price_feeds(session, Exchange.KALSHI)
    rows = [_show(market, quote, feeds) for market, quote in found]
    return {"markets": rows, "cursor": None, "feeds": []}


def _show(market: Market, quote: MarketQuote, feeds: PriceFeeds) -> dict[str, Any]:
    fresh = freshness(quote.as_of, feeds, now=datetime.now(UTC))
    return {
        **{name: getattr(market, name) for name in MarketOut.model_fields if name not in _BUILT},
        "outcomes": market.outcomes,
        "quote": to_quote(quote),
        "as_of": fresh.as_of,
        "is_stale": fresh.is_stale,
    }
