"""Decide about every detection: an alert with its tier, part of one that was told, or silence."""

from uuid import UUID

import structlog

from app.core.database import Conn
from app.domain.alerts import Tier, UnexplainedAlert
from app.domain.episodes import LATE, reason_to_tell
from app.pipeline.parts import PipelineParts
from app.pipeline.step import BAD_ROW
from app.store import alerts, detections, switches
from app.store.detections import WaitingDetection

log = structlog.get_logger()

UNREADABLE = "unreadable"
_BATCH = 50


async def attribute_due(parts: PipelineParts) -> int:
    """Decide about the detections that wait; return how many there were.

    Until facts flow there is no evidence, so every alert is unexplained. A detection that
    cannot be read, or that no alert can be made of, costs itself.
    """
    async with parts.pool.acquire() as conn, conn.transaction():
        claimed = await detections.claim_waiting(conn, limit=_BATCH)
        if not claimed:
            return 0
        for detection_id, error in claimed.unreadable:
            await _give_up(parts, conn, detection_id, error)
        for each in claimed.waiting:
            try:
                async with conn.transaction():
                    await _decide(parts, conn, each)
            except BAD_ROW as failed:
                await _give_up(parts, conn, each.id, str(failed))
        parts.crashes.at("before_attributed")
    parts.crashes.at("attributed")
    return len(claimed)


async def _give_up(parts: PipelineParts, conn: Conn, detection_id: UUID, error: str) -> None:
    log.error("detection.unreadable", id=str(detection_id), error=error)
    await detections.settle(
        conn, detection_id, "suppressed", now=parts.clock.now(), reason=UNREADABLE
    )


async def _decide(parts: PipelineParts, conn: Conn, detection: WaitingDetection) -> None:
    now = parts.clock.now()
    silence = await _why_silent(parts, conn, detection)
    if silence is not None:
        await detections.settle(conn, detection.id, "suppressed", now=now, reason=silence)
        return
    last = await alerts.read_last(conn, detection.episode_id, detection.kind)
    markets = {change.market_id for change in detection.markets}
    reason = reason_to_tell(last, detection.kind, detection.strength, markets)
    if reason is None:
        told = last.id if last else None
        await detections.settle(conn, detection.id, "joined", now=now, alert_id=told)
        return
    shadow = await switches.is_on(conn, f"shadow:{detection.kind}:{Tier.UNEXPLAINED}", now=now)
    alert_id = await alerts.insert_alert(
        conn, detection, reason, replaces=last, is_shadow=shadow, now=now
    )
    await detections.settle(conn, detection.id, "alerted", now=now, alert_id=alert_id)
    log.info(
        "alert.decided",
        alert_id=str(alert_id),
        kind=detection.kind,
        tier=UnexplainedAlert.tier,
        reason=reason,
        strength=str(detection.strength),
    )


async def _why_silent(parts: PipelineParts, conn: Conn, detection: WaitingDetection) -> str | None:
    """Say why nothing may be said about a detection; None when it may."""
    now = parts.clock.now()
    if now - detection.decided_at > LATE:
        return "late"
    if await switches.is_on(conn, f"kill:{detection.kind}", now=now):
        return "killed"
    return None
