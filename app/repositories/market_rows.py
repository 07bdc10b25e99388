"""A market in a list: its row as JSON, equal to what `MarketOut` writes."""

from typing import Any

from sqlalchemy import CTE, Select, Text, cast, func, select, true
from sqlalchemy.sql.selectable import LateralFromClause

from app.domain.spelling import Spelling
from app.models.db import Market, MarketOutcome, MarketQuote
from app.repositories.feed_states import json_feeds, price_as_of, price_feeds, price_is_stale
from app.repositories.json_rows import (
    Column,
    Fields,
    json_array,
    json_decimal,
    json_odds,
    json_time,
    labelled,
)
from app.repositories.pages import Rows, select_page
from app.repositories.statements import Statement, compile_statement

COLUMNS = (
    Market.exchange,
    Market.ext_id,
    Market.event_id,
    Market.title,
    Market.market_type,
    Market.status,
    Market.open_at,
    Market.close_at,
    Market.result,
    Market.is_combo,
    MarketQuote.last,
    MarketQuote.bid,
    MarketQuote.ask,
    MarketQuote.bid_size,
    MarketQuote.ask_size,
    MarketQuote.previous,
    MarketQuote.volume,
    MarketQuote.volume_24h,
    MarketQuote.open_interest,
    MarketQuote.as_of.label("quoted_at"),
)


def market_page(page: CTE, spelling: Spelling) -> Statement:
    """Write the statement that turns a walk with `COLUMNS` into JSON."""
    quote, feeds = _quote(page, spelling), price_feeds()
    rows: Rows = (
        select(page)
        .outerjoin(quote, true())
        .outerjoin(feeds, feeds.c.exchange == cast(page.c.exchange, Text))
    )
    found = select_page(page, rows, _fields(page, quote, feeds, spelling), spelling)
    return compile_statement(
        found.add_columns(cast(json_feeds(feeds, spelling), Text).label("feeds"))
    )


def _fields(page: CTE, quote: LateralFromClause, feeds: CTE, spelling: Spelling) -> Fields:
    row = page.c
    as_of = price_as_of(row.quoted_at, feeds)
    return {
        "id": row.id,
        "exchange": row.exchange,
        "ext_id": row.ext_id,
        "event_id": row.event_id,
        "title": row.title,
        "market_type": row.market_type,
        "status": row.status,
        "open_at": json_time(row.open_at),
        "close_at": json_time(row.close_at),
        "result": row.result,
        "is_combo": row.is_combo,
        "outcomes": _outcomes(page, spelling),
        "quote": func.row_to_json(quote.table_valued()),
        "as_of": json_time(as_of),
        "is_stale": price_is_stale(as_of, feeds),
    }


def _quote(page: CTE, spelling: Spelling) -> LateralFromClause:
    """Write the quote of a row; no row when the market has none."""
    row = page.c
    fields: Fields = {
        "last": json_decimal(row.last),
        "last_american": json_odds(row.last),
        "bid": json_decimal(row.bid),
        "bid_american": json_odds(row.bid),
        "bid_size": json_decimal(row.bid_size),
        "ask": json_decimal(row.ask),
        "ask_american": json_odds(row.ask),
        "ask_size": json_decimal(row.ask_size),
        "previous": json_decimal(row.previous),
        "volume": json_decimal(row.volume),
        "volume_24h": json_decimal(row.volume_24h),
        "open_interest": json_decimal(row.open_interest),
    }
    quote: Select[*tuple[Any, ...]] = select(*labelled(fields, spelling))
    return quote.where(row.quoted_at.is_not(None)).correlate(page).lateral("quote")


def _outcomes(page: CTE, spelling: Spelling) -> Column:
    fields: Fields = {
        "id": MarketOutcome.id,
        "execution_asset_id": MarketOutcome.execution_asset_id,
        "name": MarketOutcome.name,
        "is_winner": MarketOutcome.is_winner,
    }
    rows: Rows = select(*labelled(fields, spelling)).where(
        MarketOutcome.market_id == page.c.id, ~MarketOutcome.is_deleted
    )
    return json_array(rows.order_by(MarketOutcome.position).correlate(page), "outcome")
