"""Crowds who hold one market each, moves of these markets, and what their phones got when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from app.core.database import Pool, create_pool
from app.domain.types import MarketId
from tests.e2e.firehose.stage import Stage
from tests.pipeline_factories import add_market, change, detect, make_detection, prices

PAGE = 10_000
BEFORE, AFTER = prices("0.62", "0.61", "0.63"), prices("0.48", "0.47", "0.49")

_PEOPLE = """
WITH people AS (
    SELECT i, md5($2::text || i)::uuid AS id FROM generate_series(1, $1::int) i
), users AS (
    INSERT INTO alpha.users (id, timezone, created_at) SELECT id, 'America/New_York', $4 FROM people
), devices AS (
    INSERT INTO alpha.devices (id, user_id, kind, address, registered_at, last_seen_at)
    SELECT id, id, 'fcm_token', $2 || '-' || i, $4::timestamptz, $4 FROM people
)
INSERT INTO alpha.positions (id, user_id, market_id, side, contracts, source, opened_at, updated_at)
SELECT id, id, $3, 'yes', i % 500 + 1, 'test', $4, $4 FROM people
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """People with a phone each, who hold a market of their own and nothing else."""

    name: str
    people: int
    market_id: MarketId


def gather(stage: Stage, name: str, people: int) -> Crowd:
    """Add a crowd and its market; leave the tables as autovacuum would."""

    async def add() -> MarketId:
        async with _pool(stage) as pool, pool.acquire() as conn:
            market_id = await add_market(conn, f"KX{name}-YES", event=f"KX{name}")
            await conn.execute(_PEOPLE, people, name, market_id, datetime.now(UTC))
            await conn.execute("VACUUM ANALYZE")
        return market_id

    return Crowd(name, people, asyncio.run(add()))


def move(stage: Stage, crowd: Crowd) -> datetime:
    """Write a detection as the market monitor does; return when it was decided."""

    async def write() -> datetime:
        async with _pool(stage) as pool:
            now = datetime.now(UTC)
            changed = change(crowd.market_id, BEFORE, AFTER, as_of=now)
            await detect(
                pool, make_detection([changed], event=f"KX{crowd.name}", now=now, key=crowd.name)
            )
        return now

    return asyncio.run(write())


@asynccontextmanager
async def _pool(stage: Stage) -> AsyncIterator[Pool]:
    pool = await create_pool(stage.environ["DATABASE_URL"], size=1, statement_timeout_s=120)
    try:
        yield pool
    finally:
        await pool.close()


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from a decision until the gateway had a push, of all pushes, shortest first."""

    each_s: list[float]

    @property
    def first_s(self) -> float:
        return self.each_s[0]

    @property
    def median_s(self) -> float:
        return median(self.each_s)

    @property
    def p99_s(self) -> float:
        return self.each_s[int(len(self.each_s) * 0.99)]

    @property
    def last_s(self) -> float:
        return self.each_s[-1]

    def __str__(self) -> str:
        return (
            f"{len(self.each_s):,} pushes: first {self.first_s:.2f}, median {self.median_s:.2f},"
            f" p99 {self.p99_s:.2f}, last {self.last_s:.2f} s"
        )


def read_pushes(stage: Stage, crowd: Crowd) -> list[dict[str, Any]]:
    """Return every push that the gateway got for a crowd, oldest first."""
    found: list[dict[str, Any]] = []
    after = 0
    while page := stage.control(f"/_pushes?after={after}&limit={PAGE}")["pushes"]:
        after = page[-1]["n"]
        found += [push for push in page if push["address"].startswith(f"{crowd.name}-")]
    return found


def delays_of(pushes: list[dict[str, Any]], decided_at: datetime) -> Delays:
    """Return how long each push took, by the gateway's own time of receipt."""
    began_s = decided_at.timestamp()
    return Delays(sorted(push["received_us"] / 1e6 - began_s for push in pushes))


def read_steps(stage: Stage, crowd: Crowd) -> dict[str, float]:
    """Return when each step was done with a crowd's alert, in seconds from the decision."""
    (row,) = stage.sql(
        """
        SELECT d.decided_at, d.attributed_at, a.worded_at, a.notified_at,
            (SELECT max(accepted_at) FROM alpha.deliveries WHERE alert_id = a.id) AS recorded_at
        FROM alpha.detections d JOIN alpha.alerts a ON a.id = d.alert_id WHERE d.market_id = $1
        """,
        crowd.market_id,
    )
    return {
        name.removesuffix("_at"): round((at - row["decided_at"]).total_seconds(), 2)
        for name, at in row.items()
        if name != "decided_at"
    }
