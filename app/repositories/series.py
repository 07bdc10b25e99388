"""Series: pages of a list as JSON, and single ones."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Pool
from app.domain.spelling import Spelling
from app.domain.types import Exchange
from app.models.db import Series, live
from app.models.db.base import EXCHANGE
from app.repositories.json_rows import Fields, json_decimal
from app.repositories.pages import (
    Page,
    Rows,
    Slice,
    fetch_page,
    row_limit,
    rows_to_fetch,
    select_page,
)
from app.repositories.search import contains, named, to_pattern
from app.repositories.statements import Statement, compile_statement

_FIELDS: Fields = {
    "id": Series.id,
    "exchange": Series.exchange,
    "ext_id": Series.ext_id,
    "title": Series.title,
    "category": Series.category,
    "tags": Series.tags,
    "frequency": Series.frequency,
    "fee_type": Series.fee_type,
    "fee_multiplier": json_decimal(Series.fee_multiplier),
}


@dataclass(frozen=True, slots=True)
class SeriesFilter:
    """What was asked for; `words` must each occur in the title or the exchange's id."""

    exchange: Exchange | None = None
    category: str | None = None
    words: tuple[str, ...] = ()

    def arguments(self) -> dict[str, object]:
        """Return the values to bind, by the name of the condition that needs them."""
        single = {"exchange": self.exchange and self.exchange.value, "category": self.category}
        return {
            **{name: given for name, given in single.items() if given is not None},
            **{f"word_{n}": to_pattern(word) for n, word in enumerate(self.words)},
        }


async def list_series(pool: Pool, wanted: SeriesFilter, part: Slice, *, spelling: Spelling) -> Page:
    """List a page of series as JSON, in the order of the exchanges' ids."""
    arguments = wanted.arguments()
    shape = frozenset(arguments)
    rows = rows_to_fetch(part.limit, is_filtered=bool(arguments))
    statement = _statement(shape, rows, part.after is not None, spelling)
    return await fetch_page(pool, statement, arguments, part)


@lru_cache(maxsize=100)
def _statement(
    shape: frozenset[str], rows: int | None, is_continued: bool, spelling: Spelling
) -> Statement:
    place = (Series.ext_id, Series.id)
    walk: Rows = select(
        Series.id,
        Series.ext_id.label("rank"),
        func.row_number().over(order_by=place).label("n"),
    ).where(live(Series))
    if "exchange" in shape:
        walk = walk.where(Series.exchange == cast(bindparam("exchange", type_=Text), EXCHANGE))
    if "category" in shape:
        walk = walk.where(Series.category == bindparam("category", type_=Text))
    walk = walk.where(*(contains(Series, name) for name in named(shape, "word_")))
    if is_continued:
        after = tuple_(bindparam("after_rank", type_=Text), bindparam("after_id", type_=Uuid))
        walk = walk.where(tuple_(*place) > after)
    page = walk.order_by(*place).limit(row_limit(rows)).cte("page")
    found: Rows = select(page).join(Series, Series.id == page.c.id)
    return compile_statement(select_page(page, found, _FIELDS, spelling))


async def get_series(session: AsyncSession, series_id: UUID) -> Series | None:
    """Get one series."""
    query = select(Series).where(Series.id == series_id, live(Series))
    return (await session.scalars(query)).one_or_none()
