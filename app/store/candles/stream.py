"""Minutes of the stream added to what is stored, and to the hours and days above them.

Rules of adding, as in `domain.fold.merge_micro` with the stored row as the earlier one: the
first open stays, high and low widen, volume and frames add up, close and quote are those of
the newest frame in time. A piece whose frames were all late moves neither close nor quote.
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
from app.domain.ids import market_id
from app.domain.types import Exchange
from app.store.candles.roll_up import roll_up_again

_POISONED = (asyncpg.CheckViolationError, asyncpg.DataError, asyncpg.NotNullViolationError)
_TYPES = ("uuid", *("int",) * 7, *("bigint",) * 2, "int")
_AT = "to_timestamp(minute * 60.0)"
_ROLL_UPS = {"market_ticks_1h": 60, "market_ticks_1d": 1_440}  # and how many minutes wide
_QUOTED = ("bid", "ask", "open_interest")


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


async def lock_candles(conn: Conn) -> None:
    """Be the only writer of candles until the transaction ends."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('candles'))")


async def write_stream_minutes(
    conn: Conn, exchange: Exchange, minutes: Sequence[MicroCandle]
) -> StreamWrite:
    """Add minutes (distinct, in the order of the stream) to candles, hours and days.

    A minute that breaks a rule of the table costs itself: it is found by halving.
    """
    try:
        async with conn.transaction():
            return await _write(conn, exchange, minutes)
    except _POISONED as error:
        if len(minutes) == 1:
            return StreamWrite(refused=[(minutes[0], str(error))])
    written = StreamWrite()
    middle = len(minutes) // 2
    for first, end in pairwise((0, middle, len(minutes))):
        written.add(await write_stream_minutes(conn, exchange, minutes[first:end]))
    return written


async def upsert_candles(
    conn: Conn, exchange: Exchange, table: str, candles: Iterable[MicroCandle]
) -> int:
    """Add candles of one table's width to its rows; return how many rows did not take them."""
    left_alone = 0
    in_time, late = _parted(candles)
    for rows, is_late in ((in_time, False), (late, True)):
        if rows:
            sql = _upsert_sql(table, is_late=is_late)
            status: str = await conn.execute(sql, *_columns(exchange, rows))
            left_alone += len(rows) - int(status.split()[-1])
    return left_alone


async def _write(conn: Conn, exchange: Exchange, minutes: Sequence[MicroCandle]) -> StreamWrite:
    free = minutes
    if await upsert_candles(conn, exchange, "market_ticks", minutes):
        blocked = await _list_blocked(conn, exchange, minutes)
        free = [piece for piece in minutes if (piece.market_ext_id, piece.minute) not in blocked]
    in_order = sorted(free, key=attrgetter("minute"))
    for table, width in _ROLL_UPS.items():
        await upsert_candles(conn, exchange, table, _widened(in_order, width))
    for hour, market_ids in _hours_of_late(exchange, free).items():
        await roll_up_again(conn, market_ids, hour, hour)
    return StreamWrite(len(free), len(minutes) - len(free))


async def _list_blocked(
    conn: Conn, exchange: Exchange, minutes: Sequence[MicroCandle]
) -> frozenset[tuple[str, int]]:
    """List the minutes whose rows are the exchange's own."""
    rows = await conn.fetch(
        f"""
        SELECT ext_id, minute FROM unnest($1::uuid[], $2::text[], $3::int[]) p(id, ext_id, minute)
        WHERE (
            SELECT source FROM {SCHEMA}.market_ticks t
            WHERE t.market_id = p.id AND t.bucket_at = {_AT}
        ) <> 'stream'
        """,
        [market_id(exchange, piece.market_ext_id) for piece in minutes],
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


def _hours_of_late(
    exchange: Exchange, minutes: Iterable[MicroCandle]
) -> dict[datetime, list[UUID]]:
    """Return hours with the markets that have a minute of late frames only in them.

    Such a minute may be new and older than others, and so the one that opens the hour.
    """
    found: dict[datetime, dict[UUID, None]] = defaultdict(dict)
    for piece in minutes:
        if not piece.last_ms:
            hour = datetime.fromtimestamp(piece.minute // 60 * 3_600, UTC)
            found[hour][market_id(exchange, piece.market_ext_id)] = None
    return {hour: list(markets) for hour, markets in found.items()}


def _parted(candles: Iterable[MicroCandle]) -> tuple[list[MicroCandle], list[MicroCandle]]:
    """Part those that hold frames in time from those that hold late ones only.

    One that has a price of late frames only is parted itself: its price must not become
    the close of a row that has one.
    """
    in_time, late = [], []
    for candle in candles:
        if not candle.last_ms:
            late.append(candle)
        elif candle.close is None and candle.open is not None:
            late.append(candle)
            in_time.append(candle._replace(open=None, high=None, low=None, volume=0, frames=0))
        else:
            in_time.append(candle)
    return in_time, late


def _columns(exchange: Exchange, rows: Sequence[MicroCandle]) -> list[Sequence[object]]:
    """Turn rows into arrays, one a column, in the order of `_upsert_sql`."""
    _, minute, *numbers, _ = zip(*rows, strict=True)
    ids = [market_id(exchange, row.market_ext_id) for row in rows]
    return [ids, minute, *numbers]


def _upsert_sql(table: str, *, is_late: bool) -> str:
    places = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES, start=1))
    kept = "t.{0}" if is_late else "excluded.{0}"
    quote = ", ".join(f"{name} = {kept.format(name)}" for name in _QUOTED)
    close = "t.close, excluded.close" if is_late else "excluded.close, t.close"
    guard = " WHERE t.source = 'stream'" if table == "market_ticks" else ""
    return f"""
        INSERT INTO {SCHEMA}.{table} AS t (
            market_id, bucket_at, open, high, low, close, bid, ask, volume, open_interest, frames
        )
        SELECT id, {_AT}, open * 0.000001, high * 0.000001, low * 0.000001,
            coalesce(close, open) * 0.000001, bid * 0.000001, ask * 0.000001,
            volume * 0.01, open_interest * 0.01, frames
        FROM unnest({places}) AS p(
            id, minute, open, high, low, close, bid, ask, volume, open_interest, frames
        )
        ON CONFLICT (market_id, bucket_at) DO UPDATE SET
            open = coalesce(t.open, excluded.open),
            high = greatest(t.high, excluded.high), low = least(t.low, excluded.low),
            close = coalesce({close}), {quote},
            volume = t.volume + excluded.volume, frames = t.frames + excluded.frames{guard}
        """
