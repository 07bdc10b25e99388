"""What belongs to one market, page by page, below how fresh that market's prices are."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, func, select, true

from app.core.database import Pool
from app.domain.spelling import Spelling
from app.models.db import Market, MarketQuote, live
from app.repositories.feed_states import price_as_of, price_feeds, price_is_stale, said
from app.repositories.json_rows import Fields, json_time, labelled
from app.repositories.pages import Page, Rows, Slice, slice_arguments, to_page
from app.repositories.statements import Arguments, Statement, compile_statement, fetch_all

OF_MARKET = bindparam("market_id", type_=Uuid)


@dataclass(frozen=True, slots=True)
class MarketPart:
    """A page of a market's candles or trades; `head`: freshness of its prices, a JSON object."""

    head: str
    page: Page


def compile_part(page: Rows, spelling: Spelling) -> Statement:
    """Write the statement of a page below its market; no row when there is no such market."""
    feeds = price_feeds()
    feed = said(feeds, spelling)
    as_of = price_as_of(MarketQuote.as_of, feeds)
    fields: Fields = {
        "as_of": json_time(as_of),
        "is_stale": price_is_stale(as_of, feeds),
        "feed": func.row_to_json(feed.table_valued()),
    }
    market: Rows = (
        select(*labelled(fields, spelling))
        .select_from(Market)
        .outerjoin(MarketQuote, MarketQuote.market_id == Market.id)
        .outerjoin(feeds, feeds.c.exchange == cast(Market.exchange, Text))
        .outerjoin(feed, true())
        .where(Market.id == OF_MARKET, live(Market))
    )
    head = market.subquery("head")
    return compile_statement(
        page.add_columns(cast(func.row_to_json(head.table_valued()), Text).label("head"))
    )


async def fetch_part(
    pool: Pool, statement: Statement, market_id: UUID, arguments: Arguments, part: Slice
) -> MarketPart | None:
    """Run such a statement; None when there is no such market."""
    values = {**arguments, **slice_arguments(part), "market_id": market_id}
    for row in await fetch_all(pool, statement, values):
        return MarketPart(row["head"], to_page(row, part))
    return None
