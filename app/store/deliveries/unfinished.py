"""What sits unfinished in the pipeline, as the sweep looks for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.database import Conn

_BACK = timedelta(hours=1)  # how far back notifications are looked at


@dataclass(frozen=True, slots=True)
class Unfinished:
    """How many rows wait longer than any step needs.

    Attributes:
        undecided: detections that are no alert, joined none and were not suppressed.
        unworded, unnotified: alerts that are not worded, or worded and nobody was told.
        undelivered: notifications with neither a delivery nor a reason for having none.
        overdue: deliveries that are due and that nobody claims, outside of a pause.
    """

    undecided: int
    unworded: int
    unnotified: int
    undelivered: int
    overdue: int


async def count_unfinished(conn: Conn, *, now: datetime, grace: timedelta) -> Unfinished:
    """Count what has been waiting for longer than `grace`."""
    row = await conn.fetchrow(
        """
        SELECT
            (SELECT count(*) FROM alpha.detections
             WHERE outcome IS NULL AND decided_at < $1) AS undecided,
            (SELECT count(*) FROM alpha.alerts
             WHERE worded_at IS NULL AND decided_at < $1 AND retracted_at IS NULL) AS unworded,
            (SELECT count(*) FROM alpha.alerts
             WHERE worded_at < $1 AND notified_at IS NULL AND retracted_at IS NULL) AS unnotified,
            (SELECT count(*) FROM alpha.alerts a JOIN alpha.notifications n ON n.alert_id = a.id
             WHERE a.decided_at BETWEEN $2 AND $1 AND n.created_at < $1
                AND n.suppressed_reason IS NULL
                AND NOT EXISTS (SELECT FROM alpha.deliveries d WHERE d.notification_id = n.id)
            ) AS undelivered,
            (SELECT count(*) FROM alpha.deliveries
             WHERE state IN ('pending', 'retry') AND due_at < $1) AS overdue
        """,
        now - grace,
        now - _BACK,
    )
    return Unfinished(**dict(row or {}))


async def close_quiet_episodes(conn: Conn, *, quiet_since: datetime, now: datetime) -> int:
    """Close episodes without a detection since then; return how many."""
    done: str = await conn.execute(
        """
        UPDATE alpha.episodes SET closed_at = $2
        WHERE closed_at IS NULL AND last_detection_at < $1
        """,
        quiet_since,
        now,
    )
    return int(done.split()[-1])
