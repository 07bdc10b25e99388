"""Public trades above a floor, each once."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import asyncpg

from app.core.database import Conn
from app.domain.ids import market_id
from app.domain.trades import PublicTrade

_INSERT = """
INSERT INTO alpha.public_trades
    (exchange, ext_id, market_id, traded_at, price, contracts, cost_usd, taker, is_block)
SELECT * FROM unnest($1::alpha.exchange[], $2::text[], $3::uuid[], $4::timestamptz[],
    $5::numeric[], $6::numeric[], $7::numeric[], $8::text[], $9::boolean[])
ON CONFLICT DO NOTHING
"""
_REFUSED = (ValueError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


async def insert_trades(conn: Conn, trades: Sequence[PublicTrade], *, floor_usd: Decimal) -> int:
    """Store the trades that cost their taker at least `floor_usd`; return how many were new.

    A trade that the database refuses costs only itself.
    """
    kept = {(t.exchange, t.ext_id): t for t in trades if t.cost_usd >= floor_usd}
    return await _insert(conn, [kept[key] for key in sorted(kept)])


async def _insert(conn: Conn, trades: Sequence[PublicTrade]) -> int:
    if not trades:
        return 0
    try:
        async with conn.transaction():
            columns = zip(*map(_to_row, trades), strict=True)
            status: str = await conn.execute(_INSERT, *(list(column) for column in columns))
    except _REFUSED:
        middle = len(trades) // 2
        if not middle:
            return 0
        return await _insert(conn, trades[:middle]) + await _insert(conn, trades[middle:])
    return int(status.split()[-1])


def _to_row(trade: PublicTrade) -> tuple[object, ...]:
    return (
        trade.exchange,
        trade.ext_id,
        market_id(trade.exchange, trade.market_ext_id),
        trade.traded_at,
        trade.price,
        trade.contracts,
        trade.cost_usd,
        trade.taker,
        trade.is_block,
    )


async def delete_old_trades(conn: Conn, *, before: datetime, limit: int) -> int:
    """Delete at most `limit` trades from before `before`; return how many."""
    status: str = await conn.execute(
        """
        DELETE FROM alpha.public_trades WHERE (exchange, ext_id) IN (
            SELECT exchange, ext_id FROM alpha.public_trades WHERE traded_at < $1
            ORDER BY traded_at LIMIT $2
        )
        """,
        before,
        limit,
    )
    return int(status.split()[-1])
