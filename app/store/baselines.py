"""Each market's habits, saved every five minutes so that a successor knows them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.core.database import Conn
from app.domain.detectors.baseline import Baseline
from app.domain.detectors.minutes import Minute
from app.domain.ticks import CENTIS, MICROS
from app.domain.types import MarketId


async def save_baselines(
    conn: Conn, rows: Sequence[tuple[MarketId, Baseline]], *, now: datetime
) -> None:
    """Store baselines that count at least one minute; never over one that knows a later one."""
    counted = [
        (market_id, baseline.to_state(), _to_moment(baseline.through))
        for market_id, baseline in sorted(rows, key=lambda row: row[0])
        if baseline.through is not None
    ]
    await conn.execute(
        """
        INSERT INTO alpha.market_baselines AS known (market_id, state, through_at, saved_at)
        SELECT id, state, through_at, $4 FROM unnest($1::uuid[], $2::jsonb[], $3::timestamptz[])
            AS fresh (id, state, through_at)
        ON CONFLICT (market_id) DO UPDATE SET
            state = excluded.state, through_at = excluded.through_at, saved_at = excluded.saved_at
        WHERE known.through_at <= excluded.through_at
        """,
        [market_id for market_id, _, _ in counted],
        [state for _, state, _ in counted],
        [through_at for _, _, through_at in counted],
        now,
    )


async def read_baselines(
    conn: Conn, market_ids: Sequence[MarketId]
) -> Mapping[MarketId, Mapping[str, Any]]:
    """Return the saved states of these markets; those never saved are left out."""
    rows = await conn.fetch(
        "SELECT market_id, state FROM alpha.market_baselines WHERE market_id = ANY($1)",
        list(market_ids),
    )
    return {row["market_id"]: row["state"] for row in rows}


async def read_minutes(
    conn: Conn, since: Mapping[MarketId, datetime]
) -> Mapping[MarketId, list[Minute]]:
    """Return minutes of markets, each market's from its own time on, oldest first in each."""
    rows = await conn.fetch(
        """
        SELECT market_id, (extract(epoch FROM bucket_at) / 60)::bigint AS minute,
            (close * $3)::bigint AS last, (bid * $3)::bigint AS bid, (ask * $3)::bigint AS ask,
            (volume * $4)::bigint AS volume
        FROM unnest($1::uuid[], $2::timestamptz[]) AS asked (id, since)
        JOIN alpha.market_ticks ON market_id = asked.id AND bucket_at >= asked.since
        WHERE bucket_at >= $5 ORDER BY market_id, bucket_at
        """,
        list(since),
        list(since.values()),
        MICROS,
        CENTIS,
        min(since.values()),
    )
    found: dict[MarketId, list[Minute]] = {}
    for row in rows:
        minute = Minute(row["minute"], row["last"], row["bid"], row["ask"], row["volume"] or 0)
        found.setdefault(row["market_id"], []).append(minute)
    return found


def _to_moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
