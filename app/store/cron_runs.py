"""Runs of schedules: claimed once, kept alive by a heartbeat, started again when interrupted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.database import Conn

DEAD_AFTER = timedelta(seconds=8)  # without a heartbeat a run is taken for interrupted
_MAX_ERROR = 500


@dataclass(frozen=True, slots=True)
class Run:
    """A claimed run; `fence` tells this attempt from earlier ones of the same slot."""

    name: str
    scheduled_for: datetime
    fence: int


async def request_run(conn: Conn, name: str, *, now: datetime) -> bool:
    """Ask for a run of `name` from `now` on; False when one already waits or works."""
    status: str = await conn.execute(
        """
        INSERT INTO alpha.cron_runs (name, scheduled_for)
        SELECT $1, $2::timestamptz
        WHERE NOT EXISTS (
            SELECT FROM alpha.cron_runs WHERE name = $1 AND finished_at IS NULL
        )
        ON CONFLICT DO NOTHING
        """,
        name,
        now,
    )
    return status.endswith("1")


async def start_run(
    conn: Conn, name: str, *, scheduled_for: datetime, holder: str, now: datetime
) -> Run | None:
    """Claim the run of one slot; None when it is not ours to do.

    It is not while any other run of the same name is alive (runs never overlap),
    nor when the slot is finished.
    """
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"cron:{name}")
        fence: int | None = await conn.fetchval(
            """
            INSERT INTO alpha.cron_runs AS run
                (name, scheduled_for, holder, fence, started_at, heartbeat_at)
            SELECT $1, $2, $3, 1, $4::timestamptz, $4
            WHERE NOT EXISTS (
                SELECT FROM alpha.cron_runs
                WHERE name = $1 AND finished_at IS NULL
                  AND heartbeat_at > $4::timestamptz - $5::interval
            )
            ON CONFLICT (name, scheduled_for) DO UPDATE SET
                holder = excluded.holder, fence = coalesce(run.fence, 0) + 1,
                started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at
            WHERE run.finished_at IS NULL
            RETURNING fence
            """,
            name,
            scheduled_for,
            holder,
            now,
            DEAD_AFTER,
        )
    return None if fence is None else Run(name, scheduled_for, fence)


async def beat(conn: Conn, run: Run, *, now: datetime) -> bool:
    """Say that the run is alive; False when another holder has taken it over."""
    status: str = await conn.execute(
        """
        UPDATE alpha.cron_runs SET heartbeat_at = $4
        WHERE name = $1 AND scheduled_for = $2 AND fence = $3 AND finished_at IS NULL
        """,
        run.name,
        run.scheduled_for,
        run.fence,
        now,
    )
    return status.endswith("1")


async def finish_run(
    conn: Conn,
    run: Run,
    *,
    outcome: str,
    now: datetime,
    counts: Mapping[str, object] | None = None,
    error: str | None = None,
) -> bool:
    """Record how the run ended (`done`, `failed`); False when it was no longer ours.

    An older unfinished slot of the same name is done with too: one run is enough.
    """
    status: str = await conn.execute(
        """
        UPDATE alpha.cron_runs
        SET outcome = $4, finished_at = $5, counts = $6, error = $7
        WHERE name = $1 AND scheduled_for = $2 AND fence = $3 AND finished_at IS NULL
        """,
        run.name,
        run.scheduled_for,
        run.fence,
        outcome,
        now,
        dict(counts or {}),
        error[:_MAX_ERROR] if error else None,
    )
    await conn.execute(
        """
        UPDATE alpha.cron_runs SET outcome = 'superseded', finished_at = $3
        WHERE name = $1 AND scheduled_for < $2 AND finished_at IS NULL
        """,
        run.name,
        run.scheduled_for,
        now,
    )
    return status.endswith("1")


async def release_run(conn: Conn, run: Run) -> None:
    """Give an unfinished run back, so that the next worker starts it at once."""
    await conn.execute(
        """
        UPDATE alpha.cron_runs SET heartbeat_at = NULL
        WHERE name = $1 AND scheduled_for = $2 AND fence = $3 AND finished_at IS NULL
        """,
        run.name,
        run.scheduled_for,
        run.fence,
    )


async def list_startable(
    conn: Conn, names: Sequence[str], *, now: datetime
) -> list[tuple[str, datetime]]:
    """List slots that were requested or interrupted and that nobody works on, newest per name."""
    rows = await conn.fetch(
        """
        SELECT name, max(scheduled_for) AS scheduled_for FROM alpha.cron_runs
        WHERE name = ANY($1) AND finished_at IS NULL AND scheduled_for <= $2
        GROUP BY name
        HAVING bool_and(heartbeat_at IS NULL OR heartbeat_at <= $2::timestamptz - $3::interval)
        ORDER BY name
        """,
        sorted(names),
        now,
        DEAD_AFTER,
    )
    return [(row["name"], row["scheduled_for"]) for row in rows]


async def last_done(conn: Conn, name: str) -> datetime | None:
    """Return when the last successful run of `name` *started*; what it saw is at least that new."""
    started: datetime | None = await conn.fetchval(
        """
        SELECT max(started_at) FROM alpha.cron_runs WHERE name = $1 AND outcome = 'done'
        """,
        name,
    )
    return started


async def delete_old_runs(conn: Conn, *, before: datetime) -> int:
    """Delete finished runs that started before `before`; return how many."""
    status: str = await conn.execute("DELETE FROM alpha.cron_runs WHERE finished_at < $1", before)
    return int(status.split()[-1])


async def list_latest(conn: Conn) -> list[dict[str, object]]:
    """List the newest started run of every name: when, how it ended, what it counted."""
    rows = await conn.fetch(
        """
        SELECT DISTINCT ON (name) name, started_at, finished_at, outcome, counts, error
        FROM alpha.cron_runs WHERE started_at IS NOT NULL
        ORDER BY name, started_at DESC
        """
    )
    return [dict(row) for row in rows]
