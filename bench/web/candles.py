"""Minutes of many markets over their three months of partitions, and what may be asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from app.core.database import Conn, asyncpg_dsn
from app.store.partitions import DAYS_BEHIND, KEEP_DAYS, create_partitions
from bench.arena import Arena
from bench.contest import BenchError
from bench.web.catalogue import prepare_catalogue
from bench.web.servers import Server

LATEST = 500
PACES = 15  # a market has a minute every 1, 2, ... so many minutes
_COMPARED = 2 * PACES
_LOAD = """
INSERT INTO alpha.market_ticks
    (market_id, bucket_at, open, high, low, close, bid, ask, volume, open_interest, frames)
SELECT market.id, $1::timestamptz - bar * (1 + market.n % $4) * interval '1 minute',
    cents / 100.0, (cents + 2) / 100.0, (cents - 1) / 100.0, (cents + 1) / 100.0,
    cents / 100.0, (cents + 1) / 100.0, (bar * 37 % 10000) / 100.0, bar * 10, 10
FROM generate_series(0, $3::int - 1) AS bar,
    (SELECT id, row_number() OVER (ORDER BY id) AS n FROM alpha.markets LIMIT $2) AS market,
    LATERAL (SELECT 10 + (bar * 7 + market.n) % 80 AS cents) AS price
"""
_NEWEST = """
SELECT bucket_at, close FROM alpha.market_ticks WHERE market_id = $1
ORDER BY bucket_at DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class History:
    """A database with minutes of `markets`, the same number of each."""

    url: str
    markets: Sequence[UUID]

    @property
    def paths(self) -> list[str]:
        """What is asked: the latest candles of each market."""
        return [f"/v1/markets/{market}/candles?limit={LATEST}" for market in self.markets]


async def prepare_history(arena: Arena, *, markets: int, each: int) -> History:
    """Fill a database with `each` minutes of `markets`; the newest is this minute's."""
    url = await prepare_catalogue(arena, markets, name="candles")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    conn = await asyncpg.connect(asyncpg_dsn(url))
    try:
        for days in range(0, KEEP_DAYS, DAYS_BEHIND):
            await create_partitions(conn, now=now - timedelta(days=days))
        await conn.execute(_LOAD, now, markets, each, PACES)
        await conn.execute("VACUUM ANALYZE alpha.market_ticks")
        await conn.execute("CHECKPOINT")
        rows = await conn.fetch("SELECT id FROM alpha.markets ORDER BY id LIMIT $1", markets)
    finally:
        await conn.close()
    return History(url, [row["id"] for row in rows])


async def compare_candles(server: Server, history: History) -> None:
    """Compare answers for markets of every pace with what the table holds.

    Raises:
        BenchError: a start or a close differs.
    """
    conn = await asyncpg.connect(asyncpg_dsn(history.url))
    try:
        for market, path in list(zip(history.markets, history.paths, strict=True))[:_COMPARED]:
            page = msgspec.json.decode(await server.get(path))
            found = [(candle["bucket_at"], candle["close"]) for candle in page["candles"]]
            if found != await _stored(conn, market) or len(found) != LATEST:
                raise BenchError(f"The candles of {market} are not those of the table.")
    finally:
        await conn.close()


async def _stored(conn: Conn, market: UUID) -> list[tuple[str, str]]:
    rows = await conn.fetch(_NEWEST, market, LATEST)
    return [(f"{at:%Y-%m-%dT%H:%M:%S}.000Z", f"{close.normalize():f}") for at, close in rows[::-1]]
