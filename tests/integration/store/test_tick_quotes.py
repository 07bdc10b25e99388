"""Quotes from frames beside quotes from requests."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from app.core.database import Pool
from app.domain.catalogue import CataloguePage
from app.domain.fold import FoldBook, MarketState
from app.domain.types import Exchange
from app.store import catalogue
from app.store.quotes import read_states, read_told, write_quotes
from tests.domain_factories import NOW, make_market, make_quote
from tests.naive_fold import PlainTick

KALSHI = Exchange.KALSHI
MARKET = make_market().ext_id
NOW_MS = int(NOW.timestamp() * 1_000)


def state(at_s: float = 0, market: str = MARKET, **fields: str) -> MarketState:
    book = FoldBook()
    tick = PlainTick(market, NOW_MS + round(at_s * 1_000), **fields)
    book.fold([tick], latest_ms=NOW_MS + 10**7)
    return book.take().states[0]


async def write(pool: Pool, *states: MarketState) -> int:
    async with pool.acquire() as conn:
        return (await write_quotes(conn, KALSHI, states)).written


async def sync(pool: Pool, **quote: Any) -> None:
    page = CataloguePage(markets=[make_market()], quotes=[make_quote(**quote)])
    async with pool.acquire() as conn:
        await catalogue.write_page(conn, KALSHI, page, now=NOW)


async def row(pool: Pool) -> asyncpg.Record:
    found = await pool.fetchrow("SELECT * FROM alpha.market_quotes")
    assert found is not None
    return found


async def test_a_frame_replaces_what_a_request_said(pool: Pool) -> None:
    await sync(pool, as_of=NOW, volume_24h=Decimal("77.00"))
    assert await write(pool, state(-3, last="0.6100", ask="1.0000", ask_size="0.00")) == 1
    quote = await row(pool)
    assert (quote["last"], quote["bid"], quote["ask"]) == (Decimal("0.61"), Decimal("0.49"), None)
    assert (quote["bid_size"], quote["volume"], quote["volume_24h"]) == (10, 100, 77)
    assert quote["as_of"] == NOW - timedelta(seconds=3)
    assert quote["fingerprint"] is None


async def test_of_two_frames_the_newer_one_stays(pool: Pool) -> None:
    await sync(pool)
    await write(pool, state(2, last="0.6000"))
    assert await write(pool, state(1, last="0.5000")) == 0
    assert (await row(pool))["last"] == Decimal("0.6")


async def test_a_newer_request_replaces_a_frame(pool: Pool) -> None:
    await sync(pool)
    await write(pool, state(2, last="0.6000"))
    await sync(pool, as_of=NOW + timedelta(seconds=10), last=Decimal("0.7000"))
    assert (await row(pool))["last"] == Decimal("0.7")
    await sync(pool, as_of=NOW, last=Decimal("0.1000"))
    assert (await row(pool))["last"] == Decimal("0.7")


async def test_a_market_the_catalogue_does_not_know_costs_nothing(pool: Pool) -> None:
    await sync(pool)
    assert await write(pool, state(market="NOBODY"), state(1)) == 1
    assert await pool.fetchval("SELECT count(*) FROM alpha.market_quotes") == 1


@pytest.mark.parametrize("is_ticked", [False, True], ids=["requested", "ticked"])
async def test_the_next_holder_learns_the_newest_frame(pool: Pool, is_ticked: bool) -> None:
    await sync(pool, volume=Decimal("12.50"))
    if is_ticked:
        await write(pool, state(4))
    async with pool.acquire() as conn:
        known = await read_told(conn, KALSHI)
    ticked, requested = (NOW + timedelta(seconds=4), True, 100_00), (NOW, False, 12_50)
    assert known == {MARKET: ticked if is_ticked else requested}


async def test_states_are_read_as_they_were_written(pool: Pool) -> None:
    await sync(pool)
    async with pool.acquire() as conn:
        (requested,) = await read_states(conn, KALSHI)
    ticked = state(4.25, ask="1.0000", ask_size="0.00")
    await write(pool, ticked)
    async with pool.acquire() as conn:
        assert await read_states(conn, KALSHI) == [ticked._replace(running=None)]
    assert (requested.market_ext_id, requested.ts_ms) == (MARKET, 0)


async def test_a_row_that_another_writer_holds_is_not_waited_for(pool: Pool) -> None:
    await sync(pool)
    async with pool.acquire() as other, other.transaction():
        await other.execute("UPDATE alpha.market_quotes SET volume_24h = 5")
        async with pool.acquire() as conn:
            told = await write_quotes(conn, KALSHI, [state(1)])
        assert (told.written, told.busy) == (0, frozenset({MARKET}))
    assert await write(pool, state(1)) == 1
    assert (await row(pool))["volume_24h"] == 5


async def test_a_lost_row_comes_back_with_the_next_frame(pool: Pool) -> None:
    await sync(pool)
    await pool.execute("DELETE FROM alpha.market_quotes")
    assert await write(pool, state(1, last="0.6000")) == 1
    assert (await row(pool))["last"] == Decimal("0.6")
