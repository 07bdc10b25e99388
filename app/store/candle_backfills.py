"""Windows whose candles have to come from the exchange: asked for, claimed, done.

Every minute that `since`..`until` touches is suspect. A row is tried again, ever later, until
its candles are stored in the transaction that marks it done, or it was tried ten times.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.core.database import Conn
from app.domain.types import Exchange

FIRST_SIGHT = "first_sight"  # fills what is missing; every other reason replaces
MAX_ATTEMPTS = 10
SETTLED_AFTER = timedelta(seconds=75)  # a minute that ended 15 s ago is the exchange's last word
_MINUTE = timedelta(minutes=1)
_RETRY_FIRST = timedelta(seconds=30)
_RETRY_LONGEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BackfillWindow:
    """A market's suspect minutes, by the exchange's time."""

    market_id: UUID
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Backfill:
    """A row that is due.

    Attributes:
        exchange, ext_id: None = we do not know such a market (yet).
        attempts: how often it was tried before.
    """

    id: int
    window: BackfillWindow
    reason: str
    attempts: int
    exchange: Exchange | None
    ext_id: str | None

    @property
    def replaces(self) -> bool:
        """Whether the exchange's candles take the place of what the stream had."""
        return self.reason != FIRST_SIGHT


async def request_backfills(
    conn: Conn,
    windows: Sequence[BackfillWindow],
    *,
    now: datetime,
    not_before: datetime,
    reason: str,
) -> int:
    """Ask for windows; return how many rows are new.

    One that touches a row which waits for the same market widens that one, and makes it
    wait until `not_before` too.
    """
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext('candle_backfills'))")
        joined = _join(windows)
        status: str = await conn.execute(
            _REQUEST,
            [window.market_id for window in joined],
            [window.since for window in joined],
            [window.until for window in joined],
            now,
            not_before,
            reason,
        )
    return int(status.split()[-1])


_REQUEST = """
WITH asked AS (
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[])
        AS w(market_id, since, until)
), widened AS (
    UPDATE alpha.candle_backfills b
    SET since = least(b.since, w.since), until = greatest(b.until, w.until),
        not_before = greatest(b.not_before, $5::timestamptz)
    FROM asked w
    WHERE b.market_id = w.market_id AND b.done_at IS NULL AND b.reason <> 'first_sight'
      AND b.since <= w.until + interval '1 minute' AND b.until >= w.since - interval '1 minute'
    RETURNING w.market_id, w.since
)
INSERT INTO alpha.candle_backfills
    (market_id, since, until, reason, requested_at, not_before)
SELECT market_id, since, until, $6, $4::timestamptz, $5 FROM asked
WHERE (market_id, since) NOT IN (SELECT market_id, since FROM widened)
"""


async def request_history(
    conn: Conn, *, since: datetime, until: datetime, now: datetime, markets: int
) -> int:
    """Ask for the history of open markets that matter, once each; return how many are new.

    Those that somebody holds or follows, and the most traded ones.

    Args:
        markets: how many of them, by volume of the last 24 hours.
    """
    status: str = await conn.execute(
        """
        WITH top AS (
            SELECT m.id FROM alpha.market_quotes q JOIN alpha.markets m ON m.id = q.market_id
            WHERE m.status = 'open' AND NOT m.is_deleted AND q.volume_24h > 0
            ORDER BY coalesce(q.volume_24h, 0) DESC, q.market_id DESC
            LIMIT $4
        ), theirs AS (
            SELECT m.id FROM alpha.people_markets p JOIN alpha.markets m ON m.id = p.market_id
            WHERE m.status = 'open' AND NOT m.is_deleted
        )
        INSERT INTO alpha.candle_backfills
            (market_id, since, until, reason, requested_at, not_before)
        SELECT id, $1::timestamptz, $2::timestamptz, 'first_sight', $3::timestamptz, $3
        FROM (SELECT id FROM theirs UNION SELECT id FROM top) wanted
        ON CONFLICT (market_id) WHERE reason = 'first_sight' DO NOTHING
        """,
        since,
        until,
        now,
        markets,
    )
    return int(status.split()[-1])


async def list_due(conn: Conn, *, now: datetime, limit: int) -> list[Backfill]:
    """List what is due, gaps before histories, the longest waiting first."""
    rows = await conn.fetch(
        """
        SELECT b.id, b.market_id, b.since, b.until, b.reason, b.attempts, m.exchange, m.ext_id
        FROM alpha.candle_backfills b LEFT JOIN alpha.markets m ON m.id = b.market_id
        WHERE b.done_at IS NULL AND b.not_before <= $1 AND b.until <= $2
        ORDER BY b.reason = 'first_sight', b.not_before, b.id
        LIMIT $3
        """,
        now,
        now - SETTLED_AFTER,
        limit,
    )
    return [
        Backfill(
            row["id"],
            BackfillWindow(row["market_id"], row["since"], row["until"]),
            row["reason"],
            row["attempts"],
            Exchange(row["exchange"]) if row["exchange"] else None,
            row["ext_id"],
        )
        for row in rows
    ]


async def claim(conn: Conn, backfills: Sequence[Backfill], *, now: datetime) -> list[Backfill]:
    """Count an attempt before it is made; return those that nobody else took or widened.

    A worker that dies leaves them due again after the pause.
    """
    rows = await conn.fetch(
        """
        UPDATE alpha.candle_backfills b SET attempts = b.attempts + 1, not_before = c.not_before
        FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::timestamptz[],
            $5::timestamptz[]) AS c(id, attempts, since, until, not_before)
        WHERE b.id = c.id AND b.done_at IS NULL
          AND (b.attempts, b.since, b.until) = (c.attempts, c.since, c.until)
        RETURNING b.id
        """,
        [found.id for found in backfills],
        [found.attempts for found in backfills],
        [found.window.since for found in backfills],
        [found.window.until for found in backfills],
        [now + retry_pause(found.attempts + 1) for found in backfills],
    )
    ours = {row["id"] for row in rows}
    return [found for found in backfills if found.id in ours]


async def finish(conn: Conn, done: Sequence[tuple[Backfill, int]], *, now: datetime) -> int:
    """Mark backfills done with the number of candles; return how many were ours to mark.

    One whose window was widened meanwhile stays due.
    """
    status: str = await conn.execute(
        """
        UPDATE alpha.candle_backfills b SET done_at = $5::timestamptz, candles = c.candles
        FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::int[])
            AS c(id, since, until, candles)
        WHERE b.id = c.id AND b.done_at IS NULL
          AND (b.since, b.until) = (c.since, c.until)
        """,
        [found.id for found, _ in done],
        [found.window.since for found, _ in done],
        [found.window.until for found, _ in done],
        [candles for _, candles in done],
        now,
    )
    return int(status.split()[-1])


async def give_up(conn: Conn, *, now: datetime) -> int:
    """Close what was tried ten times, without candles; return how many."""
    status: str = await conn.execute(
        """
        UPDATE alpha.candle_backfills SET done_at = $1
        WHERE done_at IS NULL AND attempts >= $2 AND not_before <= $1
        """,
        now,
        MAX_ATTEMPTS,
    )
    return int(status.split()[-1])


async def delete_old_backfills(conn: Conn, *, before: datetime, limit: int) -> int:
    """Delete at most `limit` rows done before `before`; return how many.

    A first sight stays while its market trades, else it would come again.
    """
    status: str = await conn.execute(
        """
        DELETE FROM alpha.candle_backfills WHERE id IN (
            SELECT b.id FROM alpha.candle_backfills b
            WHERE done_at < $1 AND (reason <> $2 OR NOT EXISTS (
                SELECT FROM alpha.markets m WHERE m.id = b.market_id AND m.status = 'open'
            ))
            LIMIT $3
        )
        """,
        before,
        FIRST_SIGHT,
        limit,
    )
    return int(status.split()[-1])


def retry_pause(attempts: int) -> timedelta:
    """Return how long to wait after an attempt: 30 s, twice as long each time, at most an hour."""
    doublings = min(attempts - 1, MAX_ATTEMPTS)
    return min(_RETRY_FIRST * (1 << doublings), _RETRY_LONGEST)


def _join(windows: Sequence[BackfillWindow]) -> list[BackfillWindow]:
    """Join the windows of one market that touch."""
    joined: list[BackfillWindow] = []
    for window in sorted(windows, key=lambda w: (w.market_id, w.since)):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.market_id == window.market_id
            and window.since <= last.until + _MINUTE
        ):
            joined[-1] = replace(last, until=max(last.until, window.until))
        else:
            joined.append(window)
    return joined
