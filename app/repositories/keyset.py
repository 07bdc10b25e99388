"""Lists of rows in order of time, page by page: the newest first, each page behind the last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import DateTime, Row, Select, Uuid, literal, tuple_

from app.repositories.json_rows import Column
from app.repositories.pages import Last, Slice

AnyRow = Row[*tuple[Any, ...]]
R = TypeVar("R")
S = TypeVar("S", bound=Select[Any])


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """The rows of one page; `last` is None when nothing follows."""

    rows: Sequence[R]
    last: Last | None


def newest_first(query: S, at: Column, key: Column, part: Slice) -> S:
    """Order by time and id, both falling, behind the slice's place; one row more than wanted."""
    if part.after is not None:
        query = query.where(tuple_(at, key) < _place(part.after))
    return query.order_by(at.desc(), key.desc()).limit(part.limit + 1)


def cut(rows: Sequence[R], part: Slice, place: Callable[[R], tuple[datetime, UUID]]) -> Listed[R]:
    """Leave out the row that only told whether more follow."""
    shown = rows[: part.limit]
    if len(rows) <= part.limit:
        return Listed(shown, None)
    at, key = place(shown[-1])
    return Listed(shown, Last(at.isoformat(), str(key)))


def _place(after: Last) -> Column:
    at = datetime.fromisoformat(after.rank or "")
    return tuple_(literal(at, DateTime(timezone=True)), literal(UUID(after.id), Uuid))
