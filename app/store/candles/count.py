"""How many minutes there are, and of how many frames."""

from app.core.database import Conn


async def count_candles(conn: Conn) -> dict[str, int]:
    """Count the one-minute candles, and the frames that were folded into them (`ticks`)."""
    row = await conn.fetchrow(
        "SELECT count(*) AS candles, coalesce(sum(frames), 0) AS ticks FROM alpha.market_ticks"
    )
    return dict(row) if row else {}
