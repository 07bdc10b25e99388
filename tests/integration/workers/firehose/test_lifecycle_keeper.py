"""The keeper: through an absent database, past what cannot be stored, not after its lease."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

import pytest

from app.core.clock import SystemClock
from app.core.database import Pool, create_pool
from app.core.errors import LeaseLost
from app.domain.catalogue import CataloguePage
from app.domain.lifecycle_events import LifecycleEvent, Subject
from app.domain.types import Exchange, MarketStatus, Price
from app.store import catalogue
from app.store.held_lease import HeldLease, try_to_hold
from app.workers.firehose.lifecycle import LifecycleKeeper
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.reconcile import Reconciler
from tests.domain_factories import make_market
from tests.integration.workers.firehose.conftest import MakeParts

KALSHI = Exchange.KALSHI


def told(ext_id: str, **fields: object) -> LifecycleEvent:
    now = SystemClock().now()
    event = LifecycleEvent(
        exchange=KALSHI,
        subject=Subject.MARKET,
        ext_id=ext_id,
        kind="deactivated",
        received_at=now,
        payload={"market_ticker": ext_id},
        sent_at=now,
        status=MarketStatus.PAUSED,
    )
    return replace(event, **fields)  # type: ignore[arg-type]


class Asked(Reconciler):
    """Notes what it was asked for."""

    def __init__(self, parts: FirehoseParts, lease: HeldLease) -> None:
        super().__init__(parts, lease)
        self.noted: dict[str, set[str]] = {"want": set(), "recheck": set(), "events": set()}

    def want(self, ext_ids: Collection[str]) -> None:
        self.noted["want"].update(ext_ids)

    def recheck(self, ext_ids: Collection[str]) -> None:
        self.noted["recheck"].update(ext_ids)

    def want_events(self, ext_ids: Collection[str]) -> None:
        self.noted["events"].update(ext_ids)


async def stored(pool: Pool) -> set[str]:
    return {row["ext_id"] for row in await pool.fetch("SELECT ext_id FROM alpha.lifecycle_events")}


async def test_bad_announcements_cost_only_themselves(
    pool: Pool, make_parts: MakeParts, lease: HeldLease
) -> None:
    parts = make_parts()
    asked = Asked(parts, lease)
    bad = [
        told("nul", payload={"a": "\x00"}),
        told("surrogate", payload={"a": "\ud800"}),
        told("price", settlement_price=Price(Decimal(3))),
    ]
    good = [told(f"m{n}") for n in range(40)]
    event = told("KXE", subject=Subject.EVENT)
    await LifecycleKeeper(parts, lease, asked).store([*good[:7], *bad, event, *good[7:]])
    assert await stored(pool) == {*(g.ext_id for g in good), "KXE"}
    assert asked.noted == {
        "want": {g.ext_id for g in good},
        "recheck": {"nul", "surrogate", "price"},
        "events": {"KXE"},
    }
    rejects = await pool.fetch("SELECT source, kind, ext_id FROM alpha.ingest_rejects")
    assert {tuple(row) for row in rejects} == {("kalshi", "announcement", b.ext_id) for b in bad}


async def test_a_database_that_drops_connections_costs_nothing(
    pool: Pool, database_url: str, make_parts: MakeParts
) -> None:
    clock = SystemClock()
    own = await create_pool(database_url, size=2)
    async with pool.acquire() as conn:
        await catalogue.write_page(
            conn, KALSHI, CataloguePage(markets=[make_market(ext_id="m0")]), now=clock.now()
        )
    held = await try_to_hold(own, clock, "firehose:kalshi", "test:2")
    assert held is not None
    keeping = asyncio.create_task(held.keep())
    parts = make_parts()
    keeper = LifecycleKeeper(parts, held, Asked(parts, held))
    working = asyncio.create_task(keeper.store([told(f"m{n}") for n in range(20_000)]))
    for _ in range(6):
        await asyncio.sleep(0.2)
        await pool.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND backend_type = 'client backend' AND query LIKE '%lifecycle_events%'
            """
        )
    await asyncio.wait_for(working, 60)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await own.close()
    assert len(await stored(pool)) == 20_000


async def test_nothing_is_written_under_a_lost_lease(
    pool: Pool, make_parts: MakeParts, lease: HeldLease
) -> None:
    parts = make_parts()
    keeper = LifecycleKeeper(parts, lease, Asked(parts, lease))
    await pool.execute("UPDATE alpha.leases SET fence = fence + 1, holder = 'other'")
    with pytest.raises(LeaseLost):
        await keeper.store([told("m1")])
    assert await stored(pool) == set()
