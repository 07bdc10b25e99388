"""Ours: the database part of a full sync, step by step as the product's sync does it."""

from app.domain.types import Exchange
from app.store.catalogue import read_fingerprints, settle_search, write_page
from bench.arena import Database
from bench.catalogue import NOW, make_pages
from bench.stopwatch import Stopwatch


async def full_sync(database: Database, markets: int, *, revision: int = 0) -> float:
    """Write a whole catalogue; return the seconds in the database part.

    On the clock: reading the fingerprints, `write_page` for every page, settling the
    search. Off the clock: making the pages.
    """
    conn, exchange, watch = database.conn, Exchange.KALSHI, Stopwatch()
    with watch:
        known = await read_fingerprints(conn, exchange)
    for page in make_pages(markets, revision=revision):
        with watch:
            await write_page(conn, exchange, page, now=NOW, known=known)
    with watch:
        await settle_search(conn)
    return watch.seconds
