"""PostgreSQL and Python write every value alike."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Numeric, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from app.api.schemas.base import decimal_text, time_text
from app.core.database import Conn
from app.domain.odds import american_odds
from app.domain.types import Price
from app.repositories.json_rows import Column, json_decimal, json_odds, json_time
from app.repositories.statements import compile_statement

THOUSANDTHS = [Decimal(n) / 1000 for n in range(1001)]
ODD_ONES = [Decimal(n) / 1_000_000 for n in (1, 2, 3, 333_333, 499_999, 500_001, 666_667, 999_999)]


async def written(
    conn: Conn, write: Any, values: Sequence[object], kind: TypeEngine[Any]
) -> list[Any]:
    """Let PostgreSQL write values, in order."""
    given: ColumnElement[Any] = func.unnest(bindparam("values", type_=ARRAY(kind)))
    row = select(given.label("given")).subquery()
    column: Column = write(row.c.given)
    statement = compile_statement(select(column))
    return [found[0] for found in await conn.fetch(statement.text, list(values))]


async def test_american_odds_of_every_price(conn: Conn) -> None:
    prices = [*THOUSANDTHS, *ODD_ONES]

    found = await written(conn, json_odds, prices, Numeric(10, 6))

    assert found == [american_odds(Price(price)) for price in prices]
    assert found.count(None) == 2


async def test_decimals(conn: Conn) -> None:
    numbers = [*THOUSANDTHS, *ODD_ONES, Decimal("12345678901234.5"), Decimal(1000), Decimal(0)]

    found = await written(conn, json_decimal, numbers, Numeric(24, 8))

    assert found == [decimal_text(number) for number in numbers]


async def test_times(conn: Conn) -> None:
    start = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    times = [start + timedelta(microseconds=n) for n in (0, 1, 999, 1000, 500_500, 999_999)]

    found = await written(conn, json_time, times, DateTime(timezone=True))

    assert found == [time_text(at) for at in times]
