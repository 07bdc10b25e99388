"""Hours and days made anew from their minutes, where adding to them would not be exact."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.core.database import SCHEMA, Conn

_STEPS = (
    ("market_ticks_1h", "market_ticks", "hour"),
    ("market_ticks_1d", "market_ticks_1h", "day"),
)
_FIRST = "(array_agg({0} ORDER BY bucket_at) FILTER (WHERE {1}))[1]"
_LAST = "(array_agg({0} ORDER BY bucket_at DESC) FILTER (WHERE {1}))[1]"
_IN_TIME = "(source = 'exchange' OR coalesce(bid, ask, open_interest) IS NOT NULL)"
_FIRST_OPEN = _FIRST.format("open", "open IS NOT NULL")
_CLOSE = _LAST.format("close", f"close IS NOT NULL AND {_IN_TIME}")
_COLUMNS = {
    "open": _FIRST_OPEN,
    "high": "max(high)",
    "low": "min(low)",
    "close": f"coalesce({_CLOSE}, {_FIRST_OPEN})",
    **{name: _LAST.format(name, _IN_TIME) for name in ("bid", "ask", "open_interest")},
    "volume": "sum(volume)",
    "frames": "sum(frames)",
    "source": "CASE WHEN bool_and(source = 'stream') THEN 'stream' ELSE 'exchange' END",
}


async def roll_up_again(
    conn: Conn, market_ids: Sequence[UUID], since: datetime, until: datetime
) -> None:
    """Make the hours and days of some markets anew that touch `since`..`until`.

    Exact as long as all minutes of those hours are kept. Minutes of late frames only have
    no quote, and do not move the close. A row with a minute of the exchange's own in it
    has source `exchange`.
    """
    for table, source, unit in _STEPS:
        await conn.execute(_roll_up_sql(table, source, unit), market_ids, since, until)


def _roll_up_sql(table: str, source: str, unit: str) -> str:
    updates = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
    return f"""
        INSERT INTO {SCHEMA}.{table} (market_id, bucket_at, {", ".join(_COLUMNS)})
        SELECT market_id, date_trunc('{unit}', bucket_at, 'UTC') AS period,
            {", ".join(_COLUMNS.values())}
        FROM {SCHEMA}.{source}
        WHERE market_id = ANY($1::uuid[])
          AND bucket_at >= date_trunc('{unit}', $2::timestamptz, 'UTC')
          AND bucket_at < date_trunc('{unit}', $3::timestamptz, 'UTC') + interval '1 {unit}'
        GROUP BY market_id, period
        ON CONFLICT (market_id, bucket_at) DO UPDATE SET {updates}
        """
