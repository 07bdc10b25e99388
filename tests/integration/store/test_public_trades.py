"""Public trades: each once, the large ones, a bad one alone refused."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.core.database import Pool
from app.domain.ids import market_id
from app.domain.trades import PublicTrade, TakerSide
from app.domain.types import Contracts, Exchange, Price
from app.store import public_trades
from tests.domain_factories import NOW

TRADE = PublicTrade(
    exchange=Exchange.KALSHI,
    ext_id="t1",
    market_ext_id="KXA-1",
    price=Price(Decimal("0.30")),
    contracts=Contracts(Decimal(1000)),
    traded_at=NOW,
    taker=TakerSide.FIRST,
)


async def insert(pool: Pool, *trades: PublicTrade, floor: int = 100) -> int:
    async with pool.acquire() as conn:
        return await public_trades.insert_trades(conn, trades, floor_usd=Decimal(floor))


async def test_a_trade_is_stored_once(pool: Pool) -> None:
    assert await insert(pool, TRADE, TRADE) == 1
    assert await insert(pool, TRADE, replace(TRADE, ext_id="t2")) == 1
    (first, _) = await pool.fetch("SELECT * FROM alpha.public_trades ORDER BY ext_id")
    assert dict(first) == {
        "exchange": "kalshi",
        "ext_id": "t1",
        "market_id": market_id(Exchange.KALSHI, "KXA-1"),
        "traded_at": NOW,
        "price": Decimal("0.30"),
        "contracts": Decimal(1000),
        "cost_usd": Decimal(300),
        "taker": "first",
        "is_block": False,
    }


@pytest.mark.parametrize(
    ("taker", "cost"), [(TakerSide.FIRST, 300), (TakerSide.SECOND, 700), (None, 700)]
)
async def test_the_floor_is_what_the_taker_paid(
    pool: Pool, taker: TakerSide | None, cost: int
) -> None:
    trade = replace(TRADE, taker=taker)
    assert await insert(pool, trade, floor=cost + 1) == 0
    assert await insert(pool, trade, floor=cost) == 1
    assert await pool.fetchval("SELECT cost_usd FROM alpha.public_trades") == cost


BAD = {
    "NUL": replace(TRADE, ext_id="a\x00"),
    "surrogate": replace(TRADE, ext_id="a\ud800"),
    "price": replace(TRADE, ext_id="bad", price=Price(Decimal(2))),
    "endless": replace(TRADE, ext_id="bad", contracts=Contracts(Decimal(10) ** 20)),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_refused_trade_costs_only_itself(pool: Pool, name: str) -> None:
    good = [replace(TRADE, ext_id=f"t{n}") for n in range(10)]
    assert await insert(pool, *good[:4], BAD[name], *good[4:]) == 10


async def test_old_trades_are_forgotten_in_pieces(pool: Pool) -> None:
    day = timedelta(days=1)
    await insert(pool, *(replace(TRADE, ext_id=f"t{n}", traded_at=NOW + n * day) for n in range(5)))
    async with pool.acquire() as conn:
        before = NOW + 3 * day
        assert await public_trades.delete_old_trades(conn, before=before, limit=2) == 2
        assert await public_trades.delete_old_trades(conn, before=before, limit=2) == 1
    left = await pool.fetch("SELECT ext_id FROM alpha.public_trades ORDER BY ext_id")
    assert [row["ext_id"] for row in left] == ["t3", "t4"]
