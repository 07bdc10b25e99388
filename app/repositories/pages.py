"""One page of a list: the rows as JSON text, and where the next page starts."""

from dataclasses import dataclass
from typing import Any

from asyncpg import Record
from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)

from app.core.database import Pool
from app.domain.spelling import Spelling
from app.repositories.json_rows import Fields, json_array, labelled
from app.repositories.statements import Arguments, Statement, fetch_one

_LIMIT = bindparam("limit", type_=Integer)
_FETCH = bindparam("fetch", type_=Integer)
_FETCHES = (26, 51, 101, 201)
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Last:
    """The last row of a page; `rank` is its sort key as PostgreSQL writes it, None without one."""

    rank: str | None
    id: str


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is wanted: `limit` rows behind `after`, or from the top."""

    after: Last | None
    limit: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as a JSON array; `last` is None when nothing follows.

    Attributes:
        feeds: the feeds of prices as a JSON array, where the rows have prices.
    """

    items: str
    last: Last | None
    feeds: str | None = None


def row_limit(rows: int | None) -> ColumnElement[int]:
    """Write the LIMIT of a walk: a number in the statement, or bound as `fetch` (None).

    PostgreSQL plans a prepared statement once for all values when that looks no worse.
    With a known number it does, which spares a whole list 2 ms of planning per page;
    with a bound one it expects a tenth of the table, and so plans filtered lists for
    the values at hand: one plan for a status that every market has and for one that
    none has would be hundreds of times too slow for either.
    """
    return _FETCH if rows is None else literal_column(str(rows), Integer)


def rows_to_fetch(limit: int, *, is_filtered: bool) -> int | None:
    """Return how many rows to write into the statement, at least one more than `limit`.

    A few sizes keep the number of statements small. None: bind it.
    """
    return None if is_filtered else next(rows for rows in _FETCHES if rows > limit)


def select_page(
    page: CTE, rows: Rows, fields: Fields, spelling: Spelling, *, is_reversed: bool = False
) -> Rows:
    """Write the statement of a page.

    Args:
        page: `n` from 1, `rank` and `id` of each row, more rows than `limit` if there are.
        rows: reads from `page`; its columns are replaced by `fields`.
        is_reversed: show the first row last.
    """
    shown = rows.with_only_columns(*labelled(fields, spelling)).where(page.c.n <= _LIMIT)
    shown = shown.order_by(page.c.n.desc() if is_reversed else page.c.n)
    is_last = page.c.n == _LIMIT
    return select(
        cast(json_array(shown, "row"), Text).label("items"),
        select(func.count()).select_from(page).scalar_subquery().label("found"),
        select(cast(page.c.rank, Text)).where(is_last).scalar_subquery().label("rank"),
        select(cast(page.c.id, Text)).where(is_last).scalar_subquery().label("id"),
    )


async def fetch_page(pool: Pool, statement: Statement, arguments: Arguments, part: Slice) -> Page:
    """Run the statement of a page."""
    row = await fetch_one(pool, statement, {**arguments, **slice_arguments(part)})
    return to_page(row, part)


def slice_arguments(part: Slice) -> dict[str, object]:
    """Return what the statement of a page binds for its place and size."""
    values: dict[str, object] = {"limit": part.limit, "fetch": part.limit + 1}
    if part.after is not None:
        values.update(after_rank=part.after.rank, after_id=part.after.id)
    return values


def to_page(row: Record, part: Slice) -> Page:
    """Read the row that the statement of a page returns."""
    has_more = row["found"] > part.limit
    last = Last(row["rank"], row["id"]) if has_more else None
    return Page(row["items"], last, row.get("feeds"))
