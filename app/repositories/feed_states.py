"""How fresh prices are, as SQL: the rules of `domain.freshness`, a test holds the two together."""

from datetime import datetime

from sqlalchemy import (
    CTE,
    DateTime,
    Text,
    and_,
    bindparam,
    case,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    values,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from app.domain.freshness import (
    CATALOGUE_SUFFIX,
    SILENT_AFTER,
    STALE_AFTER,
    TICKS_SUFFIX,
    Feed,
    FeedWord,
    PriceFeeds,
    catalogue_feed,
    ticks_feed,
)
from app.domain.spelling import Spelling
from app.domain.types import Exchange
from app.models.db import FeedState
from app.repositories.json_rows import Column, Fields, json_array, json_time, labelled
from app.repositories.pages import Rows

_INSTANT = DateTime(timezone=True)
_STALE_BEFORE = bindparam("stale_before", type_=_INSTANT)
_SILENT_BEFORE = bindparam("silent_before", type_=_INSTANT)
_LIVE: Column = literal_column(f"'{FeedWord.LIVE}'", Text)
_STALE: Column = literal_column(f"'{FeedWord.STALE}'", Text)


def freshness_arguments(now: datetime) -> dict[str, object]:
    """Return what every statement binds that shows prices."""
    return {"stale_before": now - STALE_AFTER, "silent_before": now - SILENT_AFTER}


def price_feeds() -> CTE:
    """Write the feeds of each exchange, one row each, to be joined on `exchange` (text).

    `state` and `since` are those of the feed of ticks as it stands now, NULL when it never
    said anything; `as_of` is when all prices were true, `is_stale` whether none counts.
    """
    exchange = values(column("exchange", Text), name="exchange", literal_binds=True).data(
        [(member.value,) for member in Exchange]
    )
    catalogue, ticks = aliased(FeedState, name="catalogue"), aliased(FeedState, name="ticks")
    claims_live = ticks.state == _LIVE
    is_lost = and_(claims_live, func.coalesce(ticks.as_of < _SILENT_BEFORE, true()))
    return (
        select(
            exchange.c.exchange,
            case((is_lost, _STALE), else_=ticks.state).label("state"),
            case((is_lost, func.coalesce(ticks.as_of, ticks.since)), else_=ticks.since).label(
                "since"
            ),
            func.greatest(catalogue.as_of, case((claims_live, ticks.as_of))).label("as_of"),
            case(
                (is_lost, true()),
                (claims_live, false()),
                else_=_STALE.in_([ticks.state, catalogue.state]),
            ).label("is_stale"),
        )
        .select_from(exchange)
        .outerjoin(catalogue, catalogue.feed == exchange.c.exchange + _literal(CATALOGUE_SUFFIX))
        .outerjoin(ticks, ticks.feed == exchange.c.exchange + _literal(TICKS_SUFFIX))
        .cte("feed")
        .prefix_with("MATERIALIZED")
    )


def price_as_of(quoted_at: Column, feeds: CTE) -> Column:
    """Write when a price was last known to be true."""
    return func.greatest(quoted_at, feeds.c.as_of)


def price_is_stale(as_of: Column, feeds: CTE) -> Column:
    """Write whether that is too long ago, or a feed says so."""
    return or_(
        func.coalesce(feeds.c.is_stale, false()), func.coalesce(as_of < _STALE_BEFORE, true())
    )


def json_feeds(feeds: CTE, spelling: Spelling) -> Column:
    """Write the feeds that ever said anything as a JSON array."""
    rows: Rows = select(*labelled(_fields(feeds), spelling)).where(feeds.c.state.is_not(None))
    return json_array(rows.order_by(feeds.c.exchange), "known")


def said(feeds: CTE, spelling: Spelling) -> LateralFromClause:
    """Write the one joined feed as a row for JSON; no row when it never said anything."""
    row: Rows = select(*labelled(_fields(feeds), spelling))
    return row.where(feeds.c.state.is_not(None)).correlate(feeds).lateral("said")


def _fields(feeds: CTE) -> Fields:
    return {
        "exchange": feeds.c.exchange,
        "state": feeds.c.state,
        "since": json_time(feeds.c.since),
    }


def _literal(text: str) -> Column:
    return literal_column(f"'{text}'", Text)


async def get_price_feeds(session: AsyncSession, exchange: Exchange) -> PriceFeeds:
    """Get what vouches for the prices of an exchange."""
    names = (catalogue_feed(exchange), ticks_feed(exchange))
    query = select(FeedState).where(FeedState.feed.in_(names))
    found = {
        row.feed: Feed(row.state, row.since, row.as_of) for row in await session.scalars(query)
    }
    return PriceFeeds(*(found.get(name) for name in names))
