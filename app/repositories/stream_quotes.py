"""What the stream of prices starts from: rows of `market_quotes` as whole numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, Select, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.types import DateTime

from app.core.database import Pool
from app.domain.ticks import CENTIS, MICROS
from app.domain.types import Exchange
from app.models.db import Market, MarketQuote, live
from app.repositories.json_rows import Column
from app.repositories.statements import compile_statement, fetch_all

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class QuoteRow(NamedTuple):
    """A market's row; prices in micro-dollars, counts in hundredths, None = nobody knows.

    Attributes:
        as_of_ms: milliseconds since 1970; 0 = the market was never quoted.
        is_tick: the values are those of a frame, and `as_of_ms` is its time.
    """

    id: UUID
    exchange: Exchange
    ext_id: str
    last: int | None
    bid: int | None
    ask: int | None
    volume: int | None
    open_interest: int | None
    as_of_ms: int
    is_tick: bool


def _whole(number: Column, units: int) -> Column:
    return cast(func.trunc(number * units), BigInteger)


_ROWS: Select[*tuple[object, ...]] = (
    select(
        Market.id,
        Market.exchange,
        Market.ext_id,
        _whole(MarketQuote.last, MICROS).label("last"),
        _whole(MarketQuote.bid, MICROS).label("bid"),
        _whole(MarketQuote.ask, MICROS).label("ask"),
        _whole(MarketQuote.volume, CENTIS).label("volume"),
        _whole(MarketQuote.open_interest, CENTIS).label("open_interest"),
        MarketQuote.as_of,
        MarketQuote.fingerprint.is_(None).label("is_tick"),
    )
    .outerjoin(MarketQuote, MarketQuote.market_id == Market.id)
    .where(Market.id == any_(bindparam("ids", type_=ARRAY(PG_UUID(as_uuid=True)))), live(Market))
)
_ALL = compile_statement(_ROWS)
_RECENT = compile_statement(
    _ROWS.where(MarketQuote.as_of >= bindparam("since", type_=DateTime(timezone=True)))
)


async def list_quotes(pool: Pool, ids: Sequence[UUID]) -> list[QuoteRow]:
    """List the markets of these ids that exist, quoted or not."""
    return [_to_row(row) for row in await fetch_all(pool, _ALL, {"ids": ids})]


async def list_recent_quotes(pool: Pool, ids: Sequence[UUID], since: datetime) -> list[QuoteRow]:
    """List those of these markets whose quotes were known to be true at `since` or after."""
    rows = await fetch_all(pool, _RECENT, {"ids": ids, "since": since})
    return [_to_row(row) for row in rows]


def _to_row(row: asyncpg.Record) -> QuoteRow:
    market, exchange, ext_id, last, bid, ask, volume, interest, as_of, is_tick = row
    as_of_ms = 0 if as_of is None else (as_of - _EPOCH) // _MILLISECOND
    names = (market, Exchange(exchange), ext_id)
    return QuoteRow(*names, last, bid, ask, volume, interest, as_of_ms, bool(is_tick and as_of))
