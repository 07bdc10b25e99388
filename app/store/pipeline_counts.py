"""What the pipeline has done, in figures."""

from typing import Any

from app.core.database import Conn


async def count_pipeline(conn: Conn) -> dict[str, Any]:
    """Count what there is of each noun; alerts by tier."""
    row = await conn.fetchrow(
        """
        SELECT (SELECT count(*) FROM alpha.signals) AS signals,
            (SELECT count(*) FROM alpha.detections) AS detections,
            (SELECT count(*) FROM alpha.alerts WHERE tier = 'confirmed') AS confirmed,
            (SELECT count(*) FROM alpha.alerts WHERE tier = 'unexplained') AS unexplained,
            (SELECT count(*) FROM alpha.notifications) AS notifications,
            (SELECT count(*) FROM alpha.deliveries WHERE state = 'accepted') AS pushes_accepted
        """
    )
    found = dict(row or {})
    alerts = {tier: found.pop(tier) for tier in ("confirmed", "unexplained")}
    return {**found, "alerts": alerts}
