"""An exchange's own candles as minutes."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from app.core.database import SCHEMA, Conn
from app.domain.candles import Candle

_TYPES = ("uuid", "timestamptz", *("numeric",) * 8)
_VALUES = ("open", "high", "low", "close", "bid", "ask", "volume", "open_interest")
_COLUMNS = ("market_id", "bucket_at", *_VALUES)


class ExchangeMinute(NamedTuple):
    """One minute as the exchange has it; prices 0..1, None = no trade, or nobody offered."""

    market_id: UUID
    candle: Candle

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: no price, no volume, no quote."""
        found = self.candle
        said = (found.close, found.bid.close, found.ask.close)
        return not found.volume and all(price is None for price in said)


async def write_exchange_minutes(
    conn: Conn, minutes: Sequence[ExchangeMinute], *, replace: bool
) -> int:
    """Write minutes (distinct) with source `exchange`; return how many rows that wrote.

    Their roll-ups are wrong until `roll_up_again`; call both under `lock_candles`.

    Args:
        replace: put them in the place of what the stream had; False leaves that alone.
    """
    if not minutes:
        return 0
    status: str = await conn.execute(_write_sql(replace=replace), *_columns(minutes))
    return int(status.split()[-1])


def _columns(minutes: Sequence[ExchangeMinute]) -> list[Sequence[object]]:
    """Turn minutes into arrays, one a column."""
    rows = [
        (
            minute.market_id,
            minute.candle.bucket_at,
            minute.candle.open,
            minute.candle.high,
            minute.candle.low,
            minute.candle.close,
            minute.candle.bid.close,
            minute.candle.ask.close,
            minute.candle.volume or 0,
            minute.candle.open_interest,
        )
        for minute in sorted(minutes, key=lambda m: (m.market_id, m.candle.bucket_at))
    ]
    return list(zip(*rows, strict=True))


def _write_sql(*, replace: bool) -> str:
    names = ", ".join(_COLUMNS)
    places = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES, start=1))
    same = ", ".join(f"{name} = excluded.{name}" for name in (*_VALUES, "frames", "source"))
    conflict = f"DO UPDATE SET {same}" if replace else "DO NOTHING"
    return f"""
        INSERT INTO {SCHEMA}.market_ticks AS t ({names}, frames, source)
        SELECT {names}, 0, 'exchange' FROM unnest({places}) AS p({names})
        ON CONFLICT (market_id, bucket_at) {conflict}
        """
