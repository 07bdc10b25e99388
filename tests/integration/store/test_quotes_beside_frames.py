"""Quotes of requests beside those of frames: the newer price stays, whoever brought it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.core.database import Pool
from app.domain.catalogue import CataloguePage
from app.domain.ids import market_id
from app.domain.types import Contracts, Exchange, Price
from app.store import catalogue
from tests.domain_factories import NOW, make_market, make_quote

KALSHI = Exchange.KALSHI
SECOND = timedelta(seconds=1)
KEY = market_id(KALSHI, make_market().ext_id)


async def request(pool: Pool, as_of: datetime, last: str, volume_24h: int = 5) -> None:
    quote = replace(
        make_quote(as_of=as_of),
        last=Price(Decimal(last)),
        volume_24h=Contracts(Decimal(volume_24h)),
    )
    page = CataloguePage(markets=[make_market()], quotes=[quote])
    async with pool.acquire() as conn:
        await catalogue.write_page(conn, KALSHI, page, now=NOW)


async def frame(pool: Pool, as_of: datetime, last: str) -> None:
    await pool.execute(
        "UPDATE alpha.market_quotes SET last = $1, as_of = $2, fingerprint = NULL",
        Decimal(last),
        as_of,
    )


CASES = {
    "a request from before the frame": (-5, "0.70"),
    "a request that may be from before it": (1, "0.70"),
    "a request from after it": (3, "0.20"),
}


@pytest.mark.parametrize("name", CASES)
async def test_the_newer_price_stays(pool: Pool, name: str) -> None:
    after_s, expected = CASES[name]
    await request(pool, NOW - 60 * SECOND, "0.10")
    await frame(pool, NOW, "0.70")
    await request(pool, NOW + after_s * SECOND, "0.20", volume_24h=99)
    row = await pool.fetchrow("SELECT last, volume_24h, previous FROM alpha.market_quotes")
    assert row is not None
    assert row["last"] == Decimal(expected)
    assert row["volume_24h"] == 99  # no frame has it


async def test_of_two_requests_the_older_one_changes_nothing(pool: Pool) -> None:
    await request(pool, NOW, "0.10", volume_24h=9)
    await request(pool, NOW - SECOND, "0.20", volume_24h=1)
    row = await pool.fetchrow("SELECT last, volume_24h FROM alpha.market_quotes")
    assert row is not None
    assert (row["last"], row["volume_24h"]) == (Decimal("0.10"), 9)


async def test_a_frame_that_is_first_does_not_break_the_page(pool: Pool) -> None:
    await request(pool, NOW - 60 * SECOND, "0.10")
    await pool.execute("DELETE FROM alpha.market_quotes")
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(
            "INSERT INTO alpha.market_quotes (market_id, last, as_of) VALUES ($1, 0.7, $2)",
            KEY,
            NOW,
        )
        writing = asyncio.create_task(request(pool, NOW + 9 * SECOND, "0.20"))
        await asyncio.sleep(0.3)
        assert not writing.done()
    await asyncio.wait_for(writing, 10)
    assert await pool.fetchval("SELECT last FROM alpha.market_quotes") == Decimal("0.20")
