"""How true each feed is right now, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.database import Conn


@dataclass(frozen=True, slots=True)
class FeedState:
    """`state` is `live`, `polling`, `degraded` or `stale`; `as_of`: all of it was true then."""

    feed: str
    state: str
    since: datetime
    as_of: datetime | None
    reason: str | None = None


async def set_feed_state(
    conn: Conn,
    feed: str,
    state: str,
    *,
    now: datetime,
    as_of: datetime | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Record a feed's state; `since` moves only when the state changes, `as_of` never back."""
    await conn.execute(
        """
        INSERT INTO alpha.feed_states AS known (feed, state, since, as_of, detail)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (feed) DO UPDATE SET
            since = CASE WHEN known.state = excluded.state THEN known.since ELSE excluded.since END,
            state = excluded.state,
            as_of = greatest(known.as_of, excluded.as_of),
            detail = excluded.detail
        """,
        feed,
        state,
        now,
        as_of,
        dict(detail or {}),
    )


async def list_feed_states(conn: Conn) -> list[FeedState]:
    """List every feed that ever said anything, by name."""
    rows = await conn.fetch(
        """
        SELECT feed, state, since, as_of, detail->>'reason' AS reason
        FROM alpha.feed_states ORDER BY feed
        """
    )
    return [FeedState(**dict(row)) for row in rows]


async def read_as_of(conn: Conn, feeds: Sequence[str]) -> datetime | None:
    """Return when the first of these feeds that ever was true, was so last; None = none was."""
    as_of: datetime | None = await conn.fetchval(
        """
        SELECT as_of FROM alpha.feed_states
        WHERE feed = ANY($1) AND as_of IS NOT NULL ORDER BY array_position($1, feed) LIMIT 1
        """,
        list(feeds),
    )
    return as_of
