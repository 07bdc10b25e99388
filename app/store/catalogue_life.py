"""What happens to catalogue rows without a page that says so: clock, absence, stubs."""

from collections.abc import Sequence
from datetime import datetime

from app.core.database import Conn
from app.domain.types import Exchange


async def flip_by_clock(conn: Conn, exchange: Exchange, *, now: datetime) -> int:
    """Open and close markets whose time has come; return how many changed.

    No exchange announces these two transitions; `domain.lifecycle.status_at` is
    the same rule for rows that arrive.
    """
    status: str = await conn.execute(
        """
        UPDATE alpha.markets SET
            updated_at = now(),
            status = CASE WHEN close_at <= $2 THEN 'closed' ELSE 'open' END::alpha.market_status
        WHERE exchange = $1 AND NOT is_deleted
          AND ((status = 'upcoming' AND open_at <= $2)
            OR (status IN ('upcoming', 'open', 'paused') AND close_at <= $2))
        """,
        exchange,
        now,
    )
    return int(status.split()[-1])


async def list_unfinished_markets(conn: Conn, exchange: Exchange) -> list[str]:
    """List the markets we hold that are not final: what a complete sync has to bring."""
    rows = await conn.fetch(
        """
        SELECT ext_id FROM alpha.markets
        WHERE exchange = $1 AND NOT is_deleted AND status <> 'settled' ORDER BY ext_id
        """,
        exchange,
    )
    return [row["ext_id"] for row in rows]


async def delete_markets(conn: Conn, exchange: Exchange, ext_ids: Sequence[str]) -> int:
    """Soft-delete markets that the exchange says do not exist; final ones always stay."""
    status: str = await conn.execute(
        """
        UPDATE alpha.markets SET is_deleted = true, updated_at = now()
        WHERE exchange = $1 AND ext_id = ANY($2) AND NOT is_deleted AND status <> 'settled'
        """,
        exchange,
        sorted(ext_ids),
    )
    return int(status.split()[-1])


async def list_stub_events(conn: Conn, exchange: Exchange, *, limit: int) -> list[str]:
    """List events we know only because a market names them, newest first."""
    rows = await conn.fetch(
        """
        SELECT ext_id FROM alpha.events WHERE exchange = $1 AND is_stub AND NOT is_deleted
        ORDER BY created_at DESC, ext_id LIMIT $2
        """,
        exchange,
        limit,
    )
    return [row["ext_id"] for row in rows]


async def has_lost_quotes(conn: Conn, exchange: Exchange) -> bool:
    """Tell whether a crash of the server took the unlogged quotes, and no sync began since."""
    lost: bool = await conn.fetchval(
        """
        SELECT EXISTS (SELECT FROM alpha.markets WHERE exchange = $1 AND NOT is_deleted)
           AND NOT EXISTS (SELECT FROM alpha.market_quotes_epoch)
        """,
        exchange,
    )
    return lost


async def count_catalogue(conn: Conn) -> dict[str, int]:
    """Count live rows by kind: series, events, markets, outcomes, quotes."""
    row = await conn.fetchrow(
        """
        SELECT
            (SELECT count(*) FROM alpha.series WHERE NOT is_deleted) AS series,
            (SELECT count(*) FROM alpha.events WHERE NOT is_deleted) AS events,
            (SELECT count(*) FROM alpha.markets WHERE NOT is_deleted) AS markets,
            (SELECT count(*) FROM alpha.market_outcomes WHERE NOT is_deleted) AS outcomes,
            (SELECT count(*) FROM alpha.market_quotes) AS quotes
        """
    )
    return dict(row) if row else {}
