"""SQLAlchemy's multi-row upsert, as its documentation teaches it."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Insert, Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.database import SCHEMA, Base
from app.domain.catalogue import CataloguePage
from app.models import db
from bench.stopwatch import Stopwatch
from bench.sync.rows import rows_of
from bench.sync.writers import PageWriter

_ROWS_PER_STATEMENT = 1_000
_MODELS = db.__all__  # imported for their tables

Line = Mapping[str, object]


def multi_values(engine: AsyncEngine) -> PageWriter:
    """Upsert with `insert().values(1000 rows).on_conflict_do_update(...)`."""

    async def write(page: CataloguePage) -> float:
        tables = [
            (Base.metadata.tables[f"{SCHEMA}.{target.table}"], lines)
            for target, rows in rows_of(page)
            for lines in _chunks([dict(zip(target.columns, row, strict=True)) for row in rows])
        ]
        with Stopwatch() as watch:
            async with engine.begin() as connection:
                for table, lines in tables:
                    await connection.execute(_upsert(table, lines))
        return watch.seconds

    return write


def _chunks(lines: list[Line]) -> Iterator[list[Line]]:
    for first in range(0, len(lines), _ROWS_PER_STATEMENT):
        yield lines[first : first + _ROWS_PER_STATEMENT]


def _upsert(table: Table, lines: list[Line]) -> Insert:
    statement = insert(table).values(lines)
    key, *others = lines[0]
    return statement.on_conflict_do_update(
        index_elements=[key], set_={name: statement.excluded[name] for name in others}
    )
