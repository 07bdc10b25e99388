"""Leases, feed states, rejects and partitions."""

import asyncio
from datetime import timedelta

import pytest

from app.core.database import Pool
from app.core.errors import LeaseLost
from app.domain.catalogue import Reject
from app.store import feeds, leases, partitions, rejects
from app.store.leases import LeaseGrant
from tests.domain_factories import NOW

TTL = timedelta(seconds=10)


async def take(pool: Pool, holder: str) -> LeaseGrant | None:
    async with pool.acquire() as conn:
        return await leases.take_lease(conn, "firehose", holder=holder, ttl=TTL)


async def let_it_lapse(pool: Pool) -> None:
    await pool.execute("UPDATE alpha.leases SET expires_at = clock_timestamp()")


async def test_one_holder_at_a_time_and_the_fence_grows(pool: Pool) -> None:
    grants = await asyncio.gather(*(take(pool, f"w{n}") for n in range(6)))
    first = next(grant for grant in grants if grant is not None)
    assert sum(grant is not None for grant in grants) == 1
    assert await take(pool, first.holder) == first
    assert await take(pool, "other") is None
    await let_it_lapse(pool)
    second = await take(pool, "other")
    assert second is not None
    assert second.fence > first.fence
    async with pool.acquire() as conn, conn.transaction():
        await leases.check_fence(conn, second)
        with pytest.raises(LeaseLost):
            await leases.check_fence(conn, first)


async def test_a_renewal_moves_the_end(pool: Pool) -> None:
    await take(pool, "a")
    end = await pool.fetchval("SELECT expires_at FROM alpha.leases")
    await take(pool, "a")
    assert await pool.fetchval("SELECT expires_at FROM alpha.leases") > end


async def test_a_lapsed_lease_gets_a_new_fence_even_for_its_old_holder(pool: Pool) -> None:
    first = await take(pool, "a")
    await let_it_lapse(pool)
    again = await take(pool, "a")
    assert first is not None
    assert again is not None
    assert again.fence > first.fence


async def test_a_released_lease_is_free_at_once(pool: Pool) -> None:
    grant = await take(pool, "a")
    assert grant is not None
    async with pool.acquire() as conn:
        await leases.release_lease(conn, grant)
    assert await take(pool, "b") is not None


async def test_a_feed_remembers_since_when(pool: Pool) -> None:
    minute = timedelta(minutes=1)
    async with pool.acquire() as conn:
        await feeds.set_feed_state(conn, "k", "polling", now=NOW, as_of=NOW)
        await feeds.set_feed_state(conn, "k", "polling", now=NOW + minute, as_of=NOW - minute)
        await feeds.set_feed_state(conn, "k", "stale", now=NOW + 2 * minute)
        (state,) = await feeds.list_feed_states(conn)
    assert (state.state, state.since, state.as_of) == ("stale", NOW + 2 * minute, NOW)


async def test_a_repeated_reject_is_counted_not_stored_again(pool: Pool) -> None:
    bad = Reject(
        "kalshi", "market", "KX-1", "price outside 0..1", '{"a": "\x00\ud800"}' + "x" * 9_000
    )
    other = Reject("kalshi", "market", None, "not an object", "7")
    async with pool.acquire() as conn:
        assert await rejects.record_rejects(conn, [bad, other, bad], now=NOW) == 2
        await rejects.record_rejects(conn, [bad], now=NOW + timedelta(days=1))
        assert await rejects.count_rejects(conn) == 2
        row = await conn.fetchrow("SELECT * FROM alpha.ingest_rejects WHERE ext_id = 'KX-1'")
        assert row is not None
        assert row["times"] == 2
        assert len(row["raw"]) <= 4_000
        assert await rejects.delete_old_rejects(conn, before=NOW + timedelta(hours=1)) == 1


async def test_partitions_are_made_ahead_and_dropped_when_old(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await partitions.drop_partitions(conn, now=NOW + timedelta(days=4_000))  # others' days
        assert await partitions.create_partitions(conn, now=NOW) == 23
        assert await partitions.create_partitions(conn, now=NOW) == 0
        assert await partitions.create_partitions(conn, now=NOW + timedelta(days=1)) == 1
        await insert_candle(pool, NOW)
        assert await partitions.count_default_rows(conn) == 0
        await insert_candle(pool, NOW + timedelta(days=400))
        assert await partitions.count_default_rows(conn) == 1
        await conn.execute("TRUNCATE alpha.market_ticks_default")
        assert await partitions.drop_partitions(conn, now=NOW + timedelta(days=89)) == 7
        assert await partitions.drop_partitions(conn, now=NOW + timedelta(days=200)) == 17


async def insert_candle(pool: Pool, at: object) -> None:
    await pool.execute(
        "INSERT INTO alpha.market_ticks (market_id, bucket_at, volume)"
        " VALUES (gen_random_uuid(), $1, 0)",
        at,
    )
