"""Tell everybody whom an alert concerns what it means for them."""

from uuid import UUID

import asyncpg
import structlog

from app.core.database import Conn
from app.pipeline.parts import PipelineParts
from app.pipeline.step import BAD_ROW
from app.store import alerts, notifications
from app.store.notifications import AlertToNotify

log = structlog.get_logger()

_FOR_NOW = (  # it took too long, or somebody's account went away in the meantime
    asyncpg.QueryCanceledError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.TransactionRollbackError,
)


async def notify_due(parts: PipelineParts) -> int:
    """Fan out the next worded alert; return how many alerts there were (0 or 1).

    One alert a transaction: a large one keeps no small one waiting in another process. One
    that fails costs itself: those behind it are told, and it is given up when it never can
    be told, or not in time.
    """
    failed: list[UUID] = []
    while True:
        async with parts.pool.acquire() as conn, conn.transaction():
            found = await notifications.claim_to_notify(conn, besides=failed)
            if found is None:
                return 0
            is_told = await _tell(parts, conn, found)
            parts.crashes.at("before_fanned_out")
        if is_told:
            parts.crashes.at("fanned_out")
            return 1
        failed.append(found.id)


async def _tell(parts: PipelineParts, conn: Conn, alert: AlertToNotify) -> bool:
    """Fan out one alert; False when that failed."""
    now = parts.clock.now()
    try:
        async with conn.transaction():
            made = await notifications.fan_out(conn, alert.id, now=now)
    except (*BAD_ROW, *_FOR_NOW) as error:
        said = f"{type(error).__name__}: {error}"
        log.error("alert.unsendable", alert_id=str(alert.id), error=said)
        if isinstance(error, BAD_ROW) or now > alert.expires_at:
            await alerts.give_up(conn, alert.id, reason=f"unsendable: {said}", now=now)
        return False
    log.info(
        "alert.notified",
        alert_id=str(alert.id),
        notifications=made.notifications,
        deliveries=made.deliveries,
    )
    return True
