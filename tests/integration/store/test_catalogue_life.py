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


async def test_final_markets_are_neither_awaited_nor_deleted(pool: Pool) -> None:
    markets = [
        make_market(ext_id="open"),
        make_market(ext_id="closed", status=S.CLOSED),
        make_market(ext_id="final", status=S.SETTLED),
    ]
    await seed(pool, CataloguePage(markets=markets))
    async with pool.acquire() as conn:
        assert await catalogue_life.list_unfinished_markets(conn, KALSHI) == ["closed", "open"]
        assert await catalogue_life.delete_markets(conn, KALSHI, ["open", "final"]) == 1
        assert await catalogue_life.list_unfinished_markets(conn, KALSHI) == ["closed"]


async def test_lost_quotes_are_noticed_until_a_sync_begins(pool: Pool) -> None:
    page = CataloguePage(markets=[make_market()], quotes=[make_quote()])
    async with pool.acquire() as conn:
        assert not await catalogue_life.has_lost_quotes(conn, KALSHI)
        await catalogue.read_fingerprints(conn, KALSHI)
        await catalogue.write_page(conn, KALSHI, page, now=NOW)
        assert not await catalogue_life.has_lost_quotes(conn, KALSHI)
        await crash(pool)
        assert await catalogue_life.has_lost_quotes(conn, KALSHI)
        await catalogue.read_fingerprints(conn, KALSHI)
        assert not await catalogue_life.has_lost_quotes(conn, KALSHI)


async def test_a_crash_during_a_sync_costs_no_quote(pool: Pool) -> None:
    page = CataloguePage(markets=[make_market()], quotes=[make_quote()])
    async with pool.acquire() as conn:
        await catalogue.write_page(conn, KALSHI, page, now=NOW)
        known = await catalogue.read_fingerprints(conn, KALSHI)
        assert not (await catalogue.write_page(conn, KALSHI, page, now=NOW, known=known))["quotes"]
        await crash(pool)
        counts = await catalogue.write_page(conn, KALSHI, page, now=NOW, known=known)
    assert counts["quotes"] == 1


async def crash(pool: Pool) -> None:
    """Do to the unlogged tables what a crash of the server does."""
    await pool.execute("TRUNCATE alpha.market_quotes, alpha.market_quotes_epoch")
