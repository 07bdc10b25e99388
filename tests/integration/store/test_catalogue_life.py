"""Clock, absence and stubs."""

from datetime import timedelta

from app.core.database import Pool
from app.domain.catalogue import CataloguePage
from app.domain.types import Exchange, MarketStatus
from app.store import catalogue, catalogue_life
from tests.domain_factories import NOW, make_market, make_quote

KALSHI = Exchange.KALSHI
S = MarketStatus


async def seed(pool: Pool, page: CataloguePage) -> None:
    async with pool.acquire() as conn:
        await catalogue.write_page(conn, KALSHI, page, now=NOW - timedelta(days=1))


async def test_the_clock_opens_and_closes_what_nobody_announces(pool: Pool) -> None:
    hour = timedelta(hours=1)
    cases = {
        "opens": (S.UPCOMING, NOW, NOW + hour, "open"),
        "waits": (S.UPCOMING, NOW + hour, NOW + 2 * hour, "upcoming"),
        "closes": (S.OPEN, NOW - hour, NOW, "closed"),
        "trades": (S.OPEN, NOW - hour, NOW + hour, "open"),
        "paused-over": (S.PAUSED, NOW - hour, NOW, "closed"),
        "settled": (S.SETTLED, NOW - hour, NOW - hour, "settled"),
        "disputed": (S.DISPUTED, NOW - hour, NOW - hour, "disputed"),
    }
    markets = [
        make_market(ext_id=name, status=status, open_at=open_at, close_at=close_at)
        for name, (status, open_at, close_at, _) in cases.items()
    ]
    await seed(pool, CataloguePage(markets=markets))
    async with pool.acquire() as conn:
        assert await catalogue_life.flip_by_clock(conn, KALSHI, now=NOW) == 3
        assert await catalogue_life.flip_by_clock(conn, KALSHI, now=NOW) == 0
    rows = await pool.fetch("SELECT ext_id, status FROM alpha.markets")
    assert {row["ext_id"]: row["status"] for row in rows} == {
        name: expected for name, (_, _, _, expected) in cases.items()
    }


async def test_only_markets_that_are_not_final_can_be_absent_or_deleted(pool: Pool) -> None:
    markets = [
        make_market(ext_id="seen"),
        make_market(ext_id="unseen"),
        make_market(ext_id="final", status=S.SETTLED),
    ]
    await seed(pool, CataloguePage(markets=markets))
    soon = NOW + timedelta(days=36500)  # after the rows were created
    async with pool.acquire() as conn:
        absent = await catalogue_life.list_unseen_markets(conn, KALSHI, ["seen"], before=soon)
        assert absent == ["unseen"]
        assert await catalogue_life.delete_markets(conn, KALSHI, ["unseen", "final"]) == 1
    rows = await pool.fetch("SELECT ext_id FROM alpha.markets WHERE is_deleted")
    assert [row["ext_id"] for row in rows] == ["unseen"]


async def test_a_market_listed_while_a_sync_ran_is_not_absent(pool: Pool) -> None:
    await seed(pool, CataloguePage(markets=[make_market(ext_id="young")]))
    long_ago = NOW - timedelta(days=36500)
    async with pool.acquire() as conn:
        assert not await catalogue_life.list_unseen_markets(conn, KALSHI, [], before=long_ago)


async def test_lost_quotes_are_noticed(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert not await catalogue_life.has_lost_quotes(conn, KALSHI)
        await catalogue.write_page(
            conn, KALSHI, CataloguePage(markets=[make_market()], quotes=[make_quote()]), now=NOW
        )
        assert not await catalogue_life.has_lost_quotes(conn, KALSHI)
        await conn.execute("TRUNCATE alpha.market_quotes")
        assert await catalogue_life.has_lost_quotes(conn, KALSHI)
