"""Which markets matter most right now."""

from app.core.database import Conn
from app.domain.types import Exchange


async def list_watched_markets(conn: Conn, exchange: Exchange, *, limit: int) -> list[str]:
    """List open markets: those that people hold or follow, then the most traded ones."""
    rows = await conn.fetch(
        """
        SELECT market.ext_id
        FROM alpha.market_quotes quote JOIN alpha.markets market ON market.id = quote.market_id
        LEFT JOIN alpha.people_markets theirs ON theirs.market_id = market.id
        WHERE market.exchange = $1 AND NOT market.is_deleted AND market.status = 'open'
        ORDER BY theirs.market_id IS NULL, coalesce(quote.volume_24h, 0) DESC,
            quote.market_id DESC LIMIT $2
        """,
        exchange,
        limit,
    )
    return [row["ext_id"] for row in rows]
