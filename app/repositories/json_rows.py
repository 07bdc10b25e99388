"""JSON built by PostgreSQL: how each kind of value is written there.

`app.api.schemas.base` writes the same kinds for Pydantic; tests hold the two together.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    Select,
    Text,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.spelling import Spelling

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Fields = Mapping[str, Column]  # name in the answer -> what stands there, in order

_MILLISECONDS: Column = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'""")
_ONE: ColumnElement[Decimal] = literal_column("1")
_HUNDRED: ColumnElement[Decimal] = literal_column("100")
_EVEN: ColumnElement[Decimal] = literal_column("0.5")


def json_time(at: Column) -> Column:
    """Write a time as UTC with milliseconds; connections run in UTC."""
    return func.to_char(at, _MILLISECONDS)


def json_decimal(number: Column) -> Column:
    """Write a decimal as text without trailing zeros: `0.48`."""
    return cast(func.trim_scale(number), Text)


def json_odds(price: Column) -> Column:
    """Write American odds; the same rule as `domain.odds.american_odds`."""
    odds = case(
        (or_(price <= literal_column("0"), price >= _ONE), null()),
        (price <= _EVEN, func.round(_HUNDRED * (_ONE - price) / price)),
        else_=-func.round(_HUNDRED * price / (_ONE - price)),
    )
    return cast(odds, Integer)


def labelled(fields: Fields, spelling: Spelling) -> list[Label[Any]]:
    """Name the columns of a select whose rows become JSON objects."""
    return [column.label(spelling(name)) for name, column in fields.items()]


def json_array(rows: Select[*tuple[Any, ...]], name: str) -> Column:
    """Build a JSON array of objects, in the order of `rows`; `[]` when there are none."""
    row = rows.subquery(name)
    objects = row.select().with_only_columns(func.row_to_json(row.table_valued()))
    return func.array_to_json(func.array(objects.scalar_subquery(), type_=ARRAY(JSON)))
