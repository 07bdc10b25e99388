"""Daily partitions of `market_ticks`: made ahead, dropped when old, the default one watched."""

from datetime import date, datetime, timedelta

from app.core.database import Conn

DAYS_AHEAD = 14
DAYS_BEHIND = 8  # candle history of a fresh database is back-filled this far
KEEP_DAYS = 90
_PREFIX = "market_ticks_p"


def _name(day: date) -> str:
    return f"{_PREFIX}{day:%Y%m%d}"


async def _existing(conn: Conn) -> set[str]:
    rows = await conn.fetch(
        """
        SELECT child.relname FROM pg_inherits
        JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = 'alpha.market_ticks'::regclass
        """
    )
    return {row["relname"] for row in rows}


async def create_partitions(conn: Conn, *, now: datetime) -> int:
    """Make the partitions around `now` that are missing, one process at a time; return how many."""
    days = [now.date() + timedelta(days=n) for n in range(-DAYS_BEHIND, DAYS_AHEAD + 1)]
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext('partitions'))")
        await conn.execute("SET LOCAL lock_timeout = '5s'")
        known = await _existing(conn)
        missing = [day for day in days if _name(day) not in known]
        for day in missing:
            table = f"alpha.{_name(day)}"
            await conn.execute(
                f"CREATE TABLE {table} PARTITION OF alpha.market_ticks"
                f" FOR VALUES FROM ('{day}T00:00Z') TO ('{day + timedelta(days=1)}T00:00Z')"
            )
            await conn.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    return len(missing)


async def drop_partitions(conn: Conn, *, now: datetime) -> int:
    """Drop the partitions older than 90 days; return how many."""
    oldest = _name(now.date() - timedelta(days=KEEP_DAYS))
    old = sorted(n for n in await _existing(conn) if n.startswith(_PREFIX) and n < oldest)
    for name in old:
        async with conn.transaction():
            await conn.execute("SET LOCAL lock_timeout = '5s'")
            await conn.execute(f"DROP TABLE alpha.{name}")
    return len(old)


async def count_default_rows(conn: Conn) -> int:
    """Return how many candles fell outside every partition; it must stay 0."""
    count: int = await conn.fetchval("SELECT count(*) FROM alpha.market_ticks_default")
    return count
