"""Writing a whole catalogue, page by page, with only the writing on the clock."""

from bench.arena import Database
from bench.catalogue import make_pages
from bench.sync.writers import PageWriter


async def write_catalogue(write: PageWriter, markets: int, *, revision: int = 0) -> float:
    """Write all pages; return the seconds that the writing took, making them excluded."""
    seconds = 0.0
    for page in make_pages(markets, revision=revision):
        seconds += await write(page)
    return seconds


async def settle(database: Database) -> None:
    """Clean up after a load, so that the next figure does not pay for it.

    The second VACUUM finishes what the first one wrote into the system's tables.
    """
    for statement in ("VACUUM ANALYZE", "VACUUM", "CHECKPOINT"):
        await database.conn.execute(statement)


async def wal_position(database: Database) -> int:
    """Return how many bytes of write-ahead log there are so far."""
    written: int = await database.conn.fetchval(
        "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"
    )
    return written
