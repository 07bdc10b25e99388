"""Every announcement once, in whatever order; markets end as the model says. ALPHA_PROOF=full: 1e6.

Announcements come reordered by up to 20 s and one in ten with a copy; one in a hundred is in a
stretch that is lost, after which requests answer for its markets, as the reconciler has it. Three
in a hundred markets come into the catalogue in the middle of their life.
"""

import asyncio
import os
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest

from app.core.clock import VirtualClock
from app.core.database import Pool
from app.domain.lifecycle_events import LifecycleEvent
from app.domain.types import Exchange
from app.store import catalogue, lifecycle
from app.store.held_lease import HeldLease
from app.workers.firehose.lifecycle import LifecycleKeeper
from app.workers.firehose.reconcile import Reconciler
from tests.domain_factories import NOW
from tests.integration.workers.firehose.conftest import MakeParts
from tests.integration.workers.firehose.life_model import Life, make_life, page_of, with_copies

KALSHI = Exchange.KALSHI
IS_FULL = os.environ.get("ALPHA_PROOF") == "full"
TOTAL = 1_000_000 if IS_FULL else 20_000
COHORT = 1_000
REORDER_MS = 20_000
LOST_RUN = 50


class NotingReconciler(Reconciler):
    """Notes what it would have asked for."""

    wanted: set[str]
    doubtful: set[str]

    def want(self, ext_ids: Collection[str]) -> None:
        self.wanted.update(ext_ids)

    def recheck(self, ext_ids: Collection[str]) -> None:
        self.doubtful.update(ext_ids)


@dataclass
class Feed:
    """One cohort's announcements as they arrive; markets in `lost` have some that never do."""

    arriving: list[LifecycleEvent] = field(default_factory=list)
    distinct: set[int] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


def make_cohort(dice: Random, number: int, start: datetime) -> tuple[list[Life], Feed]:
    """Make the lives that run at the same time; a second's work, so for a thread."""
    lives = [make_life(dice, f"KXM-{number}-{n}", start) for n in range(COHORT)]
    return lives, make_feed(dice, lives)


def make_feed(dice: Random, lives: list[Life]) -> Feed:
    originals = [event for life in lives for _, event in life.told]
    sent: list[tuple[datetime, int, LifecycleEvent]] = []
    for number, event in enumerate(originals):
        arrives_at = event.received_at + timedelta(milliseconds=dice.randrange(REORDER_MS))
        for copy, later in with_copies(dice, event):
            sent.append((arrives_at + later, number, copy))
    sent.sort(key=lambda item: item[0])
    feed = Feed()
    for place in range(0, len(sent), LOST_RUN):
        run = sent[place : place + LOST_RUN]
        if dice.random() < 0.01:
            feed.lost.update(event.ext_id for _, _, event in run)
        else:
            feed.arriving += [event for _, _, event in run]
            feed.distinct.update(number for _, number, _ in run)
    return feed


@dataclass
class Proof:
    """Delivers cohorts and counts."""

    pool: Pool
    clock: VirtualClock
    keeper: LifecycleKeeper
    reconciler: NotingReconciler
    delivered: int = 0
    distinct: int = 0
    spent_s: float = 0
    compared: int = 0

    async def deliver(self, dice: Random, lives: list[Life], feed: Feed) -> None:
        """Send a cohort in batches; its late markets arrive half way."""
        late = {life.ext_id for life in lives if dice.random() < 0.03}
        await self.serve([life for life in lives if life.ext_id not in late])
        place, half = 0, len(feed.arriving) // 2
        while place < len(feed.arriving):
            batch = feed.arriving[place : place + dice.randrange(500, 2_001)]
            newest = max(event.received_at for event in batch)
            self.clock.advance(max(newest - self.clock.now(), timedelta()))
            began = time.perf_counter()
            await self.keeper.store(batch)
            self.spent_s += time.perf_counter() - began
            if place < half <= place + len(batch):
                await self.serve([life for life in lives if life.ext_id in late | feed.lost])
            place += len(batch)
        self.delivered += len(feed.arriving)
        self.distinct += len(feed.distinct)

    async def serve(self, lives: list[Life]) -> None:
        """Do what the reconciler does: write what a request says now, apply what waited."""
        now = self.clock.now()
        async with self.pool.acquire() as conn:
            await catalogue.write_page(conn, KALSHI, page_of(lives, now), now=now)
            names = [life.ext_id for life in lives]
            await lifecycle.apply_waiting(conn, KALSHI, names, now=now)

    async def compare(self, lives: list[Life]) -> None:
        """Compare every market of a cohort with the model."""
        rows = await self.pool.fetch(
            """
            SELECT ext_id, status, close_at, result, settlement_value, settled_at,
                (SELECT array_agg(is_winner ORDER BY position) FROM alpha.market_outcomes
                 WHERE market_id = markets.id) AS winners
            FROM alpha.markets WHERE ext_id = ANY($1)
            """,
            [life.ext_id for life in lives],
        )
        found = {row["ext_id"]: tuple(row.values()) for row in rows}
        for life in lives:
            true = life.state()
            assert found[life.ext_id] == (
                life.ext_id,
                true.status,
                true.close_at,
                true.result,
                true.settlement_value,
                true.settled_at,
                [side.is_winner for side in true.outcomes],
            ), [event.kind for _, event in life.told]
        self.compared += len(lives)


@pytest.mark.timeout(1_800 if IS_FULL else 120)
async def test_announcements_are_applied_once_and_end_as_the_model_says(
    pool: Pool, make_parts: MakeParts, lease: HeldLease, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = VirtualClock(NOW)
    parts = make_parts(clock)
    reconciler = NotingReconciler(parts, lease)
    reconciler.wanted, reconciler.doubtful = set(), set()
    proof = Proof(pool, clock, LifecycleKeeper(parts, lease, reconciler), reconciler)
    dice, cohort = Random(20261122), 0
    while proof.delivered < TOTAL:
        lives, feed = await asyncio.to_thread(make_cohort, dice, cohort, clock.now())
        await proof.deliver(dice, lives, feed)
        ended = max(event.received_at for life in lives for _, event in life.told)
        clock.advance(max(ended - clock.now(), timedelta()) + timedelta(seconds=10))
        await proof.serve([life for life in lives if life.ext_id in feed.lost])
        await proof.compare(lives)
        cohort += 1
    stored = await pool.fetchval("SELECT count(*) FROM alpha.lifecycle_events")
    assert stored == proof.distinct
    waiting = "SELECT count(*) FROM alpha.lifecycle_events WHERE applied_at IS NULL"
    assert await pool.fetchval(waiting) == 0
    rate = proof.delivered / proof.spent_s
    with capsys.disabled():
        sys.stdout.write(
            f"\n{proof.delivered:,} announcements ({stored:,} distinct) of {proof.compared:,}"
            f" markets: {rate:,.0f} a second; {len(reconciler.doubtful)} doubtful\n"
        )
    assert await pool.fetchval("SELECT count(*) FROM alpha.ingest_rejects") == 0
