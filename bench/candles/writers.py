"""Ours, and others: the upsert one by one, and the COPY that knows no conflict."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.database import SCHEMA
from app.domain.fold import MicroCandle
from app.domain.types import Exchange
from app.store.candles import MarketIds, lock_candles, upsert_candles
from app.store.partitions import create_partitions
from bench.arena import Database
from bench.candles.minutes import COLUMNS, NOW, make_minute, to_row
from bench.contest import BenchError
from bench.stopwatch import Stopwatch

TABLE = "market_ticks"
_UPSERT = f"""
    INSERT INTO {SCHEMA}.{TABLE} AS t ({", ".join(COLUMNS)})
    VALUES ({", ".join(f"${n}" for n in range(1, len(COLUMNS) + 1))})
    ON CONFLICT (market_id, bucket_at) DO UPDATE SET
        high = greatest(t.high, excluded.high), low = least(t.low, excluded.low),
        close = excluded.close, bid = excluded.bid, ask = excluded.ask,
        open_interest = excluded.open_interest,
        volume = t.volume + excluded.volume, frames = t.frames + excluded.frames
    """


@dataclass(slots=True)
class Flushes:
    """Rounds of flushes, each contender's into a database of its own.

    Attributes:
        agreed: by minute, what the table holds of it after the first contender's flush.
    """

    own: Database
    peer: Database
    limit: Database
    markets: int
    agreed: dict[int, str] = field(default_factory=dict)
    round: int = 0
    _minute: Sequence[MicroCandle] = ()

    async def by_copy(self) -> float:
        """Begin a round: COPY into the table itself."""
        self.round += 1
        self._minute = make_minute(self.markets, self.round)
        rows = [to_row(piece) for piece in self._minute]
        with Stopwatch() as watch:
            await self.limit.conn.copy_records_to_table(
                TABLE, schema_name=SCHEMA, records=rows, columns=COLUMNS
            )
        return await self._judged("COPY", self.limit, watch.seconds)

    async def by_executemany(self) -> float:
        """Upsert row by row, in one pipelined batch."""
        rows = [to_row(piece) for piece in self._minute]
        with Stopwatch() as watch:
            async with self.peer.conn.transaction():
                await self.peer.conn.executemany(_UPSERT, rows)
        return await self._judged("executemany", self.peer, watch.seconds)

    async def by_ours(self) -> float:
        """Upsert as `aggregate_ohlcv` does."""
        seconds = await flush(self.own, self._minute)
        return await self._judged("ours", self.own, seconds)

    async def _judged(self, who: str, database: Database, seconds: float) -> float:
        digest = await _read_digest(database)
        if digest != self.agreed.setdefault(self.round, digest):
            raise BenchError(f"{who} wrote other candles than those before.")
        if not digest.startswith(f"{self.markets * self.round} "):
            raise BenchError(f"{who} left {digest} of {self.markets * self.round} candles.")
        return self.markets / seconds


async def flush(database: Database, minutes: Sequence[MicroCandle]) -> float:
    """Upsert candles as the product does; return the seconds it took."""
    with Stopwatch() as watch:
        async with database.conn.transaction():
            await lock_candles(database.conn)
            await upsert_candles(database.conn, TABLE, minutes, MarketIds(Exchange.KALSHI))
    return watch.seconds


async def prepare(database: Database) -> Database:
    """Make the partitions that candles go to."""
    await create_partitions(database.conn, now=NOW)
    return database


async def _read_digest(database: Database) -> str:
    digest: str = await database.conn.fetchval(
        f"SELECT count(*) || ' ' || coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)"
        f" FROM (SELECT {', '.join(COLUMNS)} FROM {SCHEMA}.{TABLE}) r"
    )
    return digest
