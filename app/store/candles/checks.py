"""What a piece of a minute must be before it may become a candle."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from app.core.database import Conn
from app.domain.fold import MicroCandle
from app.domain.ticks import MICROS
from app.store.partitions import DAYS_AHEAD, DAYS_BEHIND

_MAX_CENTIS = 10**17  # of a piece; our columns hold ten times more
_MAX_FRAMES = 2**31 - 1
_MAX_EXT_ID = 200


class CandleRange(NamedTuple):
    """Minutes since 1970 for which there are partitions: `first <= minute < end`."""

    first: int
    end: int

    @property
    def first_at(self) -> datetime:
        """The first minute as a moment."""
        return datetime.fromtimestamp(self.first * 60, UTC)


def candle_range(now: datetime) -> CandleRange:
    """Return the minutes we can keep at `now`."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    first = today - timedelta(days=DAYS_BEHIND)
    end = today + timedelta(days=DAYS_AHEAD + 1)
    return CandleRange(int(first.timestamp()) // 60, int(end.timestamp()) // 60)


def find_fault(piece: MicroCandle, kept: CandleRange) -> str | None:
    """Say what is wrong with a piece, None when it can become a candle."""
    if not kept.first <= piece.minute < kept.end:
        return "minute out of range"
    prices = (piece.open, piece.high, piece.low, piece.close, piece.bid, piece.ask)
    if not all(price is None or 0 <= price <= MICROS for price in prices):
        return "price out of range"
    if not 0 <= piece.volume < _MAX_CENTIS or not 0 <= (piece.open_interest or 0) < _MAX_CENTIS:
        return "count out of range"
    if not 0 < piece.frames <= _MAX_FRAMES:
        return "frames out of range"
    ext_id = piece.market_ext_id
    if not ext_id or len(ext_id) > _MAX_EXT_ID or "\x00" in ext_id:
        return "not an id of a market"
    return None


async def count_unknown_markets(conn: Conn, market_ids: Sequence[UUID]) -> int:
    """Return how many of these markets the catalogue does not have (yet)."""
    count: int = await conn.fetchval(
        """
        SELECT count(*) FROM unnest($1::uuid[]) AS asked(id)
        WHERE NOT EXISTS (SELECT FROM alpha.markets m WHERE m.id = asked.id)
        """,
        market_ids,
    )
    return count


async def list_ticked_since(conn: Conn, since: datetime) -> list[UUID]:
    """List markets of which a frame came after `since` (and no later sync has rewritten it)."""
    rows = await conn.fetch(
        "SELECT market_id FROM alpha.market_quotes WHERE as_of >= $1 AND fingerprint IS NULL",
        since,
    )
    return [row["market_id"] for row in rows]
