"""Candles into their table: COPY into a temporary one, then one upsert.

Rules of adding, as in `domain.fold.merge_micro` with the stored row as the earlier one: the
first open stays, high and low widen, volume and frames add up, close and quote are those of
the newest frame in time. A candle whose frames were all late moves neither close nor quote.
"""

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from app.core.database import SCHEMA, Conn
from app.domain.fold import MicroCandle
from app.domain.ids import market_id
from app.domain.types import Exchange

MINUTES = "market_ticks"
_INCOMING = "incoming_candles"
_CREATE = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS {_INCOMING} (
        id uuid, minute int, open int, high int, low int, close int, bid int, ask int,
        volume bigint, open_interest bigint, frames int
    ) ON COMMIT DELETE ROWS
    """
_QUOTED = ("bid", "ask", "open_interest")
AT = "to_timestamp(minute * 60.0)"


class MarketIds(dict[str, UUID]):
    """Our ids of an exchange's markets, each worked out once."""

    def __init__(self, exchange: Exchange) -> None:
        """Begin empty."""
        super().__init__()
        self._exchange = exchange

    def __missing__(self, ext_id: str) -> UUID:
        """Work out the id of a market."""
        found = self[ext_id] = market_id(self._exchange, ext_id)
        return found


async def lock_candles(conn: Conn) -> None:
    """Be the only writer of candles until the transaction ends."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('candles'))")


async def upsert_candles(
    conn: Conn, table: str, candles: Iterable[MicroCandle], ids: MarketIds
) -> int:
    """Add candles (distinct) to the rows of a table; return how many rows did not take them.

    Those are minutes of the exchange's own. Must run inside a transaction.
    """
    in_time, late = _parted(candles)
    await conn.execute(_CREATE)
    left_alone = 0
    for rows, is_late in ((in_time, False), (late, True)):
        if rows:
            await conn.execute(f"TRUNCATE {_INCOMING}")
            records = ((ids[row.market_ext_id], *row[1:-1]) for row in rows)
            await conn.copy_records_to_table(_INCOMING, records=records)
            status: str = await conn.execute(_upsert_sql(table, is_late=is_late))
            left_alone += len(rows) - int(status.split()[-1])
    return left_alone


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


@cache
def _upsert_sql(table: str, *, is_late: bool) -> str:
    kept = "t.{0}" if is_late else "excluded.{0}"
    quote = ", ".join(f"{name} = {kept.format(name)}" for name in _QUOTED)
    close = "t.close, excluded.close" if is_late else "excluded.close, t.close"
    guard = " WHERE t.source = 'stream'" if table == MINUTES else ""
    return f"""
        INSERT INTO {SCHEMA}.{table} AS t (
            market_id, bucket_at, open, high, low, close, bid, ask, volume, open_interest, frames
        )
        SELECT id, {AT}, open * 0.000001, high * 0.000001, low * 0.000001,
            coalesce(close, open) * 0.000001, bid * 0.000001, ask * 0.000001,
            volume * 0.01, open_interest * 0.01, frames
        FROM {_INCOMING}
        ON CONFLICT (market_id, bucket_at) DO UPDATE SET
            open = coalesce(t.open, excluded.open),
            high = greatest(t.high, excluded.high), low = least(t.low, excluded.low),
            close = coalesce({close}), {quote},
            volume = t.volume + excluded.volume, frames = t.frames + excluded.frames{guard}
        """
