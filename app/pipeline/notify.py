"""Tell everybody whom an alert concerns what it means for them."""

import structlog

from app.pipeline.parts import PipelineParts
from app.store import notifications

log = structlog.get_logger()


async def notify_due(parts: PipelineParts) -> int:
    """Fan out the next worded alert; return how many alerts there were (0 or 1).

    One alert a transaction: a large one keeps no small one waiting in another process.
    """
    async with parts.pool.acquire() as conn, conn.transaction():
        alert_id = await notifications.claim_to_notify(conn)
        if alert_id is None:
            return 0
        made = await notifications.fan_out(conn, alert_id, now=parts.clock.now())
    log.info(
        "alert.notified",
        alert_id=str(alert_id),
        notifications=made.notifications,
        deliveries=made.deliveries,
    )
    return 1
