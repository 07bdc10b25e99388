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
    ctx: dict[str, Any] = {"deps": Deps(Settings(), clock, pool, redis, holder="test:1")}
    counts = await keep_house(ctx)
    assert counts is not None
    names = ("trades_deleted", "announcements_deleted", "backfills_deleted")
    assert [counts[name] for name in names] == [3, 3, 2]
    left = [
        await pool.fetchval(f"SELECT count(*) FROM alpha.{table}")
        for table in ("public_trades", "lifecycle_events", "candle_backfills")
    ]
    assert left == [2, 2, 3]
    again = await keep_house(ctx)
    assert again is not None
    assert [again[name] for name in names] == [0, 0, 0]
