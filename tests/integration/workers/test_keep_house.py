"""Housekeeping: what is old goes, in pieces; what is still needed stays."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.catalogue import CataloguePage
from app.domain.ids import market_id
from app.domain.types import Exchange, MarketStatus
from app.store import catalogue, partitions
from app.workers import housekeeping
from app.workers.housekeeping import keep_house
from app.workers.task import Deps
from tests.domain_factories import make_market
from tests.pipeline_factories import (
    add_market,
    add_person,
    add_position,
    change,
    decide_and_tell,
    detect,
    make_detection,
    make_parts,
    prices,
)

DAY = timedelta(days=1)
KALSHI = Exchange.KALSHI


@pytest.fixture(autouse=True)
async def _without_partitions(pool: Pool) -> AsyncIterator[None]:
    """Drop the partitions that housekeeping makes; other tests count them."""
    yield
    async with pool.acquire() as conn:
        await partitions.drop_partitions(conn, now=SystemClock().now() + 200 * DAY)


async def test_old_rows_go_and_the_others_stay(
    pool: Pool, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    clock = SystemClock()
    now = clock.now()
    page = CataloguePage(
        markets=[make_market(), make_market(ext_id="final", status=MarketStatus.SETTLED)]
    )
    async with pool.acquire() as conn:
        await catalogue.write_page(conn, KALSHI, page, now=now)
    await pool.executemany(
        """
        INSERT INTO alpha.public_trades
            (exchange, ext_id, market_id, traded_at, price, contracts, cost_usd)
        VALUES ('kalshi', $1, $2, $3, 0.5, 1, 1)
        """,
        [(f"t{days}", market_id(KALSHI, "m"), now - days * DAY) for days in (1, 89, 91, 92, 93)],
    )
    await pool.executemany(
        """
        INSERT INTO alpha.lifecycle_events
            (exchange, ext_id, event_type, exchange_ts, payload, payload_hash, received_at)
        VALUES ('kalshi', 'm', 'x', $1, '{}', 0, $1)
        """,
        [(now - days * DAY,) for days in (1, 29, 31, 32, 33)],
    )
    await pool.executemany(
        """
        INSERT INTO alpha.candle_backfills
            (market_id, since, until, reason, requested_at, not_before, done_at)
        VALUES ($1, $3, $3, $2, $3, $3, $4)
        """,
        [
            (market_id(KALSHI, make_market().ext_id), "first_sight", now, now - 40 * DAY),
            (market_id(KALSHI, "final"), "first_sight", now, now - 40 * DAY),
            (market_id(KALSHI, "m"), "outage", now, now - 40 * DAY),
            (market_id(KALSHI, "m"), "outage", now, now - DAY),
            (market_id(KALSHI, "m"), "outage", now, None),
        ],
    )
    await pool.executemany(
        """
        INSERT INTO alpha.market_baselines (market_id, state, through_at, saved_at)
        VALUES ($1, '{}', $2, $2)
        """,
        [(market_id(KALSHI, ext_id), now) for ext_id in (make_market().ext_id, "final", "m")],
    )
    ctx: dict[str, Any] = {"deps": Deps(Settings(), clock, pool, redis, holder="test:1")}
    counts = await keep_house(ctx)
    assert counts is not None
    names = ("trades_deleted", "announcements_deleted", "backfills_deleted", "baselines_deleted")
    assert [counts[name] for name in names] == [3, 3, 2, 1]
    left = [
        await pool.fetchval(f"SELECT count(*) FROM alpha.{table}")
        for table in ("public_trades", "lifecycle_events", "candle_backfills")
    ]
    assert left == [2, 2, 3]
    again = await keep_house(ctx)
    assert again is not None
    assert [again[name] for name in names] == [0, 0, 0, 0]


async def test_single_attempts_are_forgotten_and_what_became_of_a_push_is_not(
    pool: Pool, redis: Redis
) -> None:
    clock = SystemClock()
    async with pool.acquire() as conn:
        market = await add_market(conn, "KXGAME-1-BOS")
        await add_position(conn, await add_person(conn, "holder"), market, "100")
    moved = change(market, prices("0.62"), prices("0.48"))
    await detect(pool, make_detection([moved]))
    await decide_and_tell(make_parts(pool))
    await pool.execute(
        """
        INSERT INTO alpha.delivery_attempts (delivery_id, attempt, outcome, began_at, ended_at)
        SELECT id, 1, 'accepted', at, at FROM alpha.deliveries, unnest($1::timestamptz[]) AS at
        """,
        [clock.now() - days * DAY for days in (1, 89, 91)],
    )
    counts = await keep_house({"deps": Deps(Settings(), clock, pool, redis, holder="test:1")})
    assert counts is not None
    assert counts["attempts_deleted"] == 1
    assert await pool.fetchval("SELECT count(*) FROM alpha.deliveries") == 1


async def test_addresses_of_devices_that_are_gone_are_forgotten(pool: Pool, redis: Redis) -> None:
    clock = SystemClock()
    async with pool.acquire() as conn:
        for name, days in (("new", None), ("gone lately", 89), ("gone", 91)):
            user_id = await add_person(conn, name)
            if days is not None:
                await conn.execute(
                    """
                    UPDATE alpha.devices SET disabled_at = $2, disabled_reason = 'unregistered'
                    WHERE user_id = $1
                    """,
                    user_id,
                    clock.now() - days * DAY,
                )
    counts = await keep_house({"deps": Deps(Settings(), clock, pool, redis, holder="test:1")})
    assert counts is not None
    assert counts["devices_deleted"] == 1
    left = await pool.fetch("SELECT address FROM alpha.devices ORDER BY address")
    assert [row["address"] for row in left] == ["gone lately-0", "new-0"]
