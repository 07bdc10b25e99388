"""How long it took from an event to a phone, by the sandbox's own clock at both ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from app.cli.up.http import get_json
from app.core.database import asyncpg_dsn

_MOST = 10_000  # pushes that are looked at
_ACCEPTED = """
SELECT v.gateway_message_id AS name, d.observed_at
FROM alpha.deliveries v
JOIN alpha.alerts a ON a.id = v.alert_id JOIN alpha.detections d ON d.id = a.detection_id
WHERE v.state = 'accepted' ORDER BY v.accepted_at LIMIT $1
"""


async def read_latency(env: Mapping[str, str]) -> dict[str, Any]:
    """Return `event_to_push_ms`: from the frame that made the case to the gateway's receipt.

    Both times are the sandbox's; nothing without a sandbox or without pushes.
    """
    base_url = env.get("FCM_BASE_URL", "")
    status, page = await get_json(f"{base_url}/_pushes?limit={_MOST}")
    if status != 200 or not isinstance(page, dict):
        return {}
    received = {push["name"]: push["received_us"] for push in page["pushes"] if push.get("name")}
    try:
        rows = await _read_events(env["DATABASE_URL"])
    except (OSError, asyncpg.PostgresError):
        return {}
    delays = sorted(
        received[name] / 1_000 - observed_at.timestamp() * 1_000
        for name, observed_at in rows
        if name in received
    )
    return {"event_to_push_ms": {"p50": _at(delays, 0.5), "p99": _at(delays, 0.99)}}


async def _read_events(database_url: str) -> list[tuple[str, datetime]]:
    conn = await asyncpg.connect(asyncpg_dsn(database_url), timeout=5)
    try:
        rows = await conn.fetch(_ACCEPTED, _MOST)
    finally:
        await conn.close()
    return [(row["name"], row["observed_at"]) for row in rows]


def _at(delays: Sequence[float], part: float) -> int | None:
    return round(delays[min(int(len(delays) * part), len(delays) - 1)]) if delays else None
