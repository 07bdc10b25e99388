"""Events: pages of a list as JSON, and single ones."""

from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.database import Pool
from app.domain.spelling import Spelling
from app.models.db import Event, Market, Series, live
from app.repositories.json_rows import Fields, json_time
from app.repositories.market_filters import LIVE_EVENT, MarketFilter
from app.repositories.market_order import MarketSort
from app.repositories.market_walk import Start, Walk, walk_markets
from app.repositories.pages import Page, Rows, Slice, fetch_page, rows_to_fetch, select_page
from app.repositories.statements import Statement, compile_statement

_FIELDS: Fields = {
    "id": Event.id,
    "exchange": Event.exchange,
    "ext_id": Event.ext_id,
    "series_id": Event.series_id,
    "title": Event.title,
    "subtitle": Event.subtitle,
    "category": func.coalesce(Event.category, Series.category),
    "is_mutually_exclusive": Event.is_mutually_exclusive,
    "strike_at": json_time(Event.strike_at),
}


async def list_events(
    pool: Pool,
    wanted: MarketFilter,
    sort: MarketSort,
    part: Slice,
    *,
    spelling: Spelling,
) -> Page:
    """List a page of the events that have a wanted market, as JSON.

    An event stands where its first such market stands in that order: by volume at
    its most traded one, by close at the next to close.
    """
    arguments = wanted.arguments()
    shape = wanted.shape(arguments) | {LIVE_EVENT}
    rows = rows_to_fetch(part.limit, is_filtered=bool(arguments))
    walk = Walk(shape, sort, rows, Start.after(part.after), per_event=True)
    statement = _statement(walk, spelling)
    return await fetch_page(pool, statement, arguments, part)


@lru_cache(maxsize=500)
def _statement(walk: Walk, spelling: Spelling) -> Statement:
    page = walk_markets(walk, [Market.event_id])
    rows: Rows = (
        select(page)
        .join(Event, Event.id == page.c.event_id)
        .join(Series, Series.id == Event.series_id)
    )
    return compile_statement(select_page(page, rows, _FIELDS, spelling))


async def get_event(session: AsyncSession, event_id: UUID) -> Event | None:
    """Get one event with its series."""
    query = select(Event).where(Event.id == event_id, live(Event)).options(joinedload(Event.series))
    return (await session.scalars(query)).one_or_none()
