"""Telling the next step that there is something to do; the telling commits with the work."""

from enum import StrEnum

from app.core.database import Conn


class Channel(StrEnum):
    """Where steps of the pipeline listen."""

    DETECTIONS = "alpha_detections"
    ALERTS = "alpha_alerts"
    DELIVERIES = "alpha_deliveries"


async def tell(conn: Conn, channel: Channel) -> None:
    """Wake who listens, once this transaction commits."""
    await conn.execute("SELECT pg_notify($1, '')", channel.value)
