"""Others: the bare COPY, the executemany upsert, and the fingerprint pass."""

from collections.abc import Awaitable, Callable
from itertools import chain

from app.core.database import SCHEMA
from app.domain.catalogue import CataloguePage, Event, Market, Series
from app.store.catalogue_rows import fingerprint, quote_fingerprint
from app.store.merge import MergeTarget
from bench.arena import Database
from bench.stopwatch import Stopwatch
from bench.sync.rows import TARGETS, rows_of

BARE = "bare"

PageWriter = Callable[[CataloguePage], Awaitable[float]]  # returns the seconds it took


async def create_bare_tables(database: Database) -> None:
    """Make unlogged tables with our columns and no index, key or constraint."""
    await database.conn.execute(f"CREATE SCHEMA {BARE}")
    for target in TARGETS:
        await database.conn.execute(
            f"CREATE UNLOGGED TABLE {BARE}.{target.table} AS"
            f" SELECT {', '.join(target.columns)} FROM {SCHEMA}.{target.table} WITH NO DATA"
        )


def bare_copy(database: Database) -> PageWriter:
    """COPY the finished rows into the bare tables."""

    async def write(page: CataloguePage) -> float:
        tables = rows_of(page)
        with Stopwatch() as watch:
            async with database.conn.transaction():
                for target, rows in tables:
                    await database.conn.copy_records_to_table(
                        target.table, schema_name=BARE, records=rows, columns=target.columns
                    )
        return watch.seconds

    return write


def executemany(database: Database) -> PageWriter:
    """Upsert the finished rows one by one in a pipelined batch: the common recipe."""

    async def write(page: CataloguePage) -> float:
        tables = rows_of(page)
        with Stopwatch() as watch:
            async with database.conn.transaction():
                for target, rows in tables:
                    await database.conn.executemany(_upsert_sql(target), rows)
        return watch.seconds

    return write


def _upsert_sql(target: MergeTarget) -> str:
    key, *others = target.columns
    places = ", ".join(f"${n}" for n in range(1, len(target.columns) + 1))
    updates = ", ".join(f"{column} = excluded.{column}" for column in others)
    return (
        f"INSERT INTO {SCHEMA}.{target.table} ({', '.join(target.columns)}) VALUES ({places})"
        f" ON CONFLICT ({key}) DO UPDATE SET {updates}"
    )


async def fingerprint_pass(page: CataloguePage) -> float:
    """Hash every row of a page and do nothing else."""
    with Stopwatch() as watch:
        for row in chain[Series | Event | Market](page.series, page.events, page.markets):
            fingerprint(row)
        for quote in page.quotes:
            quote_fingerprint(quote)
    return watch.seconds
