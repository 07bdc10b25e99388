"""Words of new rows queue up for the search indexes, and one call sorts them in."""

import pytest

from app.core.database import Conn, Pool
from app.domain.catalogue import CataloguePage
from app.domain.types import Exchange
from app.store import catalogue
from tests.domain_factories import NOW, make_market


async def queued_pages(conn: Conn) -> int:
    """Empty the queue of the markets' search index; return how long it was."""
    index = await conn.fetchval("SELECT to_regclass('alpha.markets_search_idx')::oid")
    if index is None:
        pytest.skip("this PostgreSQL has no pg_trgm, so there is no search index")
    pages: int = await conn.fetchval("SELECT gin_clean_pending_list($1::oid::regclass)", index)
    return pages


@pytest.mark.parametrize("is_settled", [False, True], ids=["queued", "settled"])
async def test_new_words_wait_until_the_search_is_settled(pool: Pool, is_settled: bool) -> None:
    page = CataloguePage(markets=[make_market(ext_id=f"M{n}") for n in range(50)])
    async with pool.acquire() as conn:
        await queued_pages(conn)
        await catalogue.write_page(conn, Exchange.KALSHI, page, now=NOW)
        if is_settled:
            await catalogue.settle_search(conn)
        assert (await queued_pages(conn) == 0) is is_settled
        found = "SELECT count(*) FROM alpha.markets WHERE title || ' ' || ext_id ILIKE '%lakers%'"
        assert await conn.fetchval(found) == 50
