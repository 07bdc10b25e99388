"""Candles of one market: pages as JSON, longer ones folded from minutes while they are read."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    DateTime,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import INTERVAL, aggregate_order_by

from app.core.database import Pool
from app.domain.candle_views import MINUTE, CandleInterval, CandleWindow
from app.domain.spelling import Spelling
from app.models.db import MarketTick, MarketTickDay, MarketTickHour
from app.repositories.feed_states import freshness_arguments
from app.repositories.json_rows import Column, Fields, json_decimal, json_time
from app.repositories.market_filters import Condition
from app.repositories.market_parts import OF_MARKET, MarketPart, compile_part, fetch_part
from app.repositories.pages import Rows, Slice, row_limit, select_page
from app.repositories.statements import Statement

Table = type[MarketTick | MarketTickHour | MarketTickDay]

_INSTANT = DateTime(timezone=True)
_FETCHES = (101, 501, 1001)
_STORED: dict[CandleInterval, Table] = {
    CandleInterval.HOUR: MarketTickHour,
    CandleInterval.DAY: MarketTickDay,
}
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks differ a little, partitions reach two weeks further
_FEW_DAYS = timedelta(days=3)
_WEEK = timedelta(days=7)  # partitions reach back further from the start
_FIRST = literal_column("1", Integer)
_EPOCH: Column = literal_column("'epoch'::timestamptz", _INSTANT)
_STREAM: Column = literal_column("'stream'", Text)
_EXCHANGE: Column = literal_column("'exchange'", Text)


async def list_candles(
    pool: Pool,
    market_id: UUID,
    window: CandleWindow,
    part: Slice,
    *,
    now: datetime,
    spelling: Spelling,
) -> MarketPart | None:
    """List the newest candles in a window, newest last; None when there is no such market.

    The page behind it holds the ones before. Minutes are partitioned by day, and a look
    into every day there is costs more than the candles: most pages are filled by a few
    days, and only what is not is asked for a second time, for all of them.
    """
    rows = next(size for size in _FETCHES if size > part.limit)
    until = min(filter(None, (window.end_bucket(), _before(part), now + _AHEAD)))
    arguments = {
        **freshness_arguments(now),
        "until": until,
        "ended_by": now - window.interval.length,
    }
    found = None
    for since, today in _looks(window, until, rows, now):
        statement = _statement(window.interval, rows, spelling, today)
        found = await fetch_part(pool, statement, market_id, {**arguments, "since": since}, part)
        if found is None or found.page.last is not None:
            break
    return found


def _looks(
    window: CandleWindow, until: datetime, rows: int, now: datetime
) -> list[tuple[datetime, date | None]]:
    """Return where to begin, in turn, until a page is full; a day: just the week to it."""
    since = window.first_bucket() or _ALWAYS
    if window.interval in _STORED:
        return [(since, None)]
    if window.start is None and until == now + _AHEAD:
        return [(since, now.astimezone(UTC).date()), (since, None)]
    recent = until - _FEW_DAYS - 2 * rows * window.interval.length
    return [(recent, None), (since, None)] if recent > since else [(since, None)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _before(part: Slice) -> datetime | None:
    """Return the oldest bucket of the page before."""
    if part.after is None or part.after.rank is None:
        return None
    return datetime.fromisoformat(part.after.rank)


@lru_cache(maxsize=50)
def _statement(
    interval: CandleInterval, rows: int, spelling: Spelling, today: date | None
) -> Statement:
    table = _STORED.get(interval, MarketTick)
    minutes = 1 if interval in _STORED else interval.length // MINUTE
    stored = _newest(table, rows * minutes, today)
    candle = (stored if minutes == 1 else _folded(stored, interval, rows)).c
    newest = candle.bucket_at.desc()
    page = (
        select(
            *candle,
            candle.bucket_at.label("rank"),
            OF_MARKET.label("id"),
            func.row_number().over(order_by=newest).label("n"),
        )
        .order_by(newest)
        .cte("page")
    )
    shown: Rows = select(page)
    return compile_part(
        select_page(page, shown, _fields(page), spelling, is_reversed=True), spelling
    )


def _newest(table: Table, rows: int, today: date | None) -> CTE:
    """Write the newest stored candles of the window, or of the week to `today`."""
    is_wanted = _asked(table.bucket_at) if today is None else _of_week(table.bucket_at, today)
    newest: Rows = (
        select(
            table.bucket_at,
            table.open,
            table.high,
            table.low,
            table.close,
            table.bid,
            table.ask,
            table.volume,
            table.open_interest,
            case((table.source == _STREAM, _STREAM), else_=_EXCHANGE).label("source"),
        )
        .where(table.market_id == OF_MARKET, is_wanted)
        .order_by(table.bucket_at.desc())
        .limit(row_limit(rows))
    )
    return newest.cte("stored")


def _asked(bucket_at: Column) -> Condition:
    return and_(
        bucket_at >= bindparam("since", type_=_INSTANT),
        bucket_at < bindparam("until", type_=_INSTANT),
    )


def _of_week(bucket_at: Column, today: date) -> Condition:
    """Write that a candle is of the week to `today`, in the statement's own words.

    Known when it is planned, these days stand by themselves, in order, so that reading
    ends with the last candle wanted. Days that are bound are all read first, then sorted.
    """
    first, end = _midnight(today) - _WEEK, _midnight(today) + 2 * _AHEAD
    return and_(
        bucket_at >= literal_column(f"'{first.isoformat()}'::timestamptz", _INSTANT),
        bucket_at < literal_column(f"'{end.isoformat()}'::timestamptz", _INSTANT),
    )


def _folded(minutes: CTE, interval: CandleInterval, rows: int) -> CTE:
    """Write longer candles out of minutes.

    The `rows` newest of them are whole: together they cannot have more minutes than
    `minutes` holds, so only one behind them can have lost some to its limit.
    """
    minute = minutes.c
    length = literal_column(f"'{interval.length // MINUTE} minutes'::interval", INTERVAL)
    bucket = func.date_bin(length, minute.bucket_at, _EPOCH)
    first, last = minute.bucket_at.asc(), minute.bucket_at.desc()

    def end(price: Column, order: Any) -> Column:
        return func.array_agg(aggregate_order_by(price, order))

    folded: Rows = (
        select(
            bucket.label("bucket_at"),
            end(minute.open, first).filter(minute.open.is_not(None))[_FIRST].label("open"),
            func.max(minute.high).label("high"),
            func.min(minute.low).label("low"),
            end(minute.close, last).filter(minute.close.is_not(None))[_FIRST].label("close"),
            end(minute.bid, last)[_FIRST].label("bid"),
            end(minute.ask, last)[_FIRST].label("ask"),
            func.sum(minute.volume).label("volume"),
            end(minute.open_interest, last)[_FIRST].label("open_interest"),
            func.min(minute.source).label("source"),
        )
        .group_by(bucket)
        .order_by(bucket.desc())
        .limit(row_limit(rows))
    )
    return folded.cte("folded")


def _fields(page: CTE) -> Fields:
    row = page.c
    return {
        "bucket_at": json_time(row.bucket_at),
        "open": json_decimal(row.open),
        "high": json_decimal(row.high),
        "low": json_decimal(row.low),
        "close": json_decimal(row.close),
        "bid": json_decimal(row.bid),
        "ask": json_decimal(row.ask),
        "volume": json_decimal(row.volume),
        "open_interest": json_decimal(row.open_interest),
        "is_complete": row.bucket_at <= bindparam("ended_by", type_=_INSTANT),
        "source": row.source,
    }
