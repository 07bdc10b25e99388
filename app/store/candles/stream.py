"""Minutes of the stream added to what is stored, and to the hours and days above them.

Hours and days are their minutes folded in the order of time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from operator import attrgetter
from uuid import UUID

import asyncpg

from app.core.database import SCHEMA, Conn
from app.domain.fold import MicroCandle, Minutes, merge_micro
from app.store.candles.roll_up import roll_up_again
from app.store.candles.upsert import AT, MINUTES, MarketIds, upsert_candles

_POISONED = (asyncpg.CheckViolationError, asyncpg.DataError, asyncpg.NotNullViolationError)
_ROLL_UPS = {"market_ticks_1h": 60, "market_ticks_1d": 1_440}  # and how many minutes wide


@dataclass(slots=True)
class StreamWrite:
    """What became of some minutes.

    Attributes:
        candles: minutes that were added to.
        blocked: minutes left alone, because they are the exchange's own.
        refused: minutes the database would not take, with the reason.
    """

    candles: int = 0
    blocked: int = 0
    refused: list[tuple[MicroCandle, str]] = field(default_factory=list)

    def add(self, other: "StreamWrite") -> None:
        """Count another one in."""
        self.candles += other.candles
        self.blocked += other.blocked
        self.refused += other.refused


async def write_stream_minutes(
    conn: Conn, minutes: Sequence[MicroCandle], ids: MarketIds
) -> StreamWrite:
    """Add minutes (distinct, of one exchange) to candles, hours and days.

    A minute that breaks a rule of the table costs itself: it is found by halving.
    """
    try:
        async with conn.transaction():
            return await _write(conn, minutes, ids)
    except _POISONED as error:
        if len(minutes) == 1:
            return StreamWrite(refused=[(minutes[0], str(error))])
    written = StreamWrite()
    middle = len(minutes) // 2
    for first, end in pairwise((0, middle, len(minutes))):
        written.add(await write_stream_minutes(conn, minutes[first:end], ids))
    return written


async def _write(conn: Conn, minutes: Sequence[MicroCandle], ids: MarketIds) -> StreamWrite:
    free = minutes
    if await upsert_candles(conn, MINUTES, minutes, ids):
        blocked = await _list_blocked(conn, minutes, ids)
        free = [piece for piece in minutes if (piece.market_ext_id, piece.minute) not in blocked]
    in_order = sorted(free, key=attrgetter("minute"))
    for table, width in _ROLL_UPS.items():
        await upsert_candles(conn, table, _widened(in_order, width), ids)
    for hour, market_ids in _hours_of_late(free, ids).items():
        await roll_up_again(conn, market_ids, hour, hour)
    return StreamWrite(len(free), len(minutes) - len(free))


async def _list_blocked(
    conn: Conn, minutes: Sequence[MicroCandle], ids: MarketIds
) -> frozenset[tuple[str, int]]:
    """List the minutes whose rows are the exchange's own."""
    rows = await conn.fetch(
        f"""
        SELECT ext_id, minute FROM unnest($1::uuid[], $2::text[], $3::int[]) p(id, ext_id, minute)
        WHERE (
            SELECT source FROM {SCHEMA}.{MINUTES} t
            WHERE t.market_id = p.id AND t.bucket_at = {AT}
        ) <> 'stream'
        """,
        [ids[piece.market_ext_id] for piece in minutes],
        [piece.market_ext_id for piece in minutes],
        [piece.minute for piece in minutes],
    )
    return frozenset((row["ext_id"], row["minute"]) for row in rows)


def _widened(minutes: Iterable[MicroCandle], width: int) -> Iterable[MicroCandle]:
    """Join minutes, in the order of time, to periods of `width` minutes."""
    periods: Minutes = {}
    for piece in minutes:
        start = piece.minute - piece.minute % width
        wide = piece._replace(minute=start)
        key = (piece.market_ext_id, start)
        known = periods.get(key)
        periods[key] = wide if known is None else merge_micro(known, wide)
    return periods.values()


def _hours_of_late(minutes: Iterable[MicroCandle], ids: MarketIds) -> dict[datetime, list[UUID]]:
    """Return hours with the markets that have a minute of late frames only in them.

    Such a minute may be new and older than others, and so the one that opens the hour.
    """
    found: dict[datetime, dict[UUID, None]] = defaultdict(dict)
    for piece in minutes:
        if not piece.last_ms:
            hour = datetime.fromtimestamp(piece.minute // 60 * 3_600, UTC)
            found[hour][ids[piece.market_ext_id]] = None
    return {hour: list(markets) for hour, markets in found.items()}
