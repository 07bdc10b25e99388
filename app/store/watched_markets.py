"""Which markets matter most right now."""

from app.core.database import Conn
from app.domain.types import Exchange


async def list_watched_markets(conn: Conn, exchange: Exchange, *, limit: int) -> list[str]:
    """List the open markets with the greatest volume of 24 hours, greatest first."""
    rows = await conn.fetch(
        """
        SELECT market.ext_id
        FROM alpha.market_quotes quote JOIN alpha.markets market ON market.id = quote.market_id
        WHERE market.exchange = $1 AND NOT market.is_deleted AND market.status = 'open'
        ORDER BY coalesce(quote.volume_24h, 0) DESC, quote.market_id DESC LIMIT $2
        """,
        exchange,
        limit,
    )
    return [row["ext_id"] for row in rows]
