"""Detections and the episodes they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from app.core.database import Conn
from app.domain.detections import Detection, DetectionKind, MarketChange, Prices
from app.domain.episodes import QUIET, event_episode_id
from app.domain.types import EventId, MarketId
from app.store.notify_channel import Channel, tell

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WaitingDetection:
    """A detection that nobody has decided about; locked until the transaction ends."""

    id: UUID
    dedupe_key: str
    kind: DetectionKind
    market_id: MarketId
    event_id: EventId
    episode_id: UUID
    started_at: datetime
    decided_at: datetime
    direction: int
    strength: Decimal
    markets: tuple[MarketChange, ...]


@dataclass(frozen=True, slots=True)
class ClaimedDetections:
    """What one claim brought; `unreadable`: ids of rows that say nothing, and why."""

    waiting: Sequence[WaitingDetection]
    unreadable: Sequence[tuple[UUID, str]]

    def __len__(self) -> int:
        """How many there were."""
        return len(self.waiting) + len(self.unreadable)


async def insert_detections(conn: Conn, detections: Sequence[Detection]) -> list[UUID]:
    """Insert detections not seen before, each in its event's open episode; wake the next step.

    Call in a transaction. An episode that was quiet for half an hour is closed first. One
    that the table refuses costs itself.

    Returns:
        Ids of the new ones.
    """
    known = await conn.fetch(
        "SELECT dedupe_key FROM alpha.detections WHERE dedupe_key = ANY($1)",
        [each.dedupe_key for each in detections],
    )
    seen = {row["dedupe_key"] for row in known}
    new = {each.dedupe_key: each for each in detections if each.dedupe_key not in seen}
    ids = []
    for each in sorted(new.values(), key=lambda one: (one.event_id, one.dedupe_key)):
        try:
            async with conn.transaction():
                is_new = await _insert(conn, each, await _join_episode(conn, each))
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            log.error("detection.unwritable", key=each.dedupe_key, error=str(error))
            continue
        if is_new:
            ids.append(each.id)
    if ids:
        await tell(conn, Channel.DETECTIONS)
    return ids


async def _join_episode(conn: Conn, detection: Detection) -> UUID:
    """Return the event's open episode, a new one when there is none."""
    await conn.execute(
        """
        UPDATE alpha.episodes SET closed_at = last_detection_at + $2::interval
        WHERE subject_kind = 'event' AND subject_id = $1 AND closed_at IS NULL
          AND last_detection_at < $3::timestamptz - $2::interval
        """,
        detection.event_id,
        QUIET,
        detection.decided_at,
    )
    episode_id: UUID = await conn.fetchval(
        """
        INSERT INTO alpha.episodes AS known
            (id, subject_kind, subject_id, opened_at, last_detection_at)
        VALUES ($1, 'event', $2, $3, $3)
        ON CONFLICT (subject_kind, subject_id) WHERE closed_at IS NULL DO UPDATE
        SET last_detection_at = greatest(known.last_detection_at, excluded.last_detection_at)
        RETURNING id
        """,
        event_episode_id(detection.event_id, detection.decided_at),
        detection.event_id,
        detection.decided_at,
    )
    return episode_id


async def _insert(conn: Conn, detection: Detection, episode_id: UUID) -> bool:
    finding = detection.finding
    done = await conn.execute(
        """
        INSERT INTO alpha.detections (id, dedupe_key, kind, market_id, event_id, episode_id, rule,
            rule_version, policy, started_at, observed_at, decided_at, direction, strength,
            price_before, price_now, numbers, markets)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        ON CONFLICT (dedupe_key) DO NOTHING
        """,
        detection.id,
        detection.dedupe_key,
        finding.kind,
        detection.market_id,
        detection.event_id,
        episode_id,
        finding.rule,
        finding.rule_version,
        finding.policy,
        detection.started_at,
        detection.observed_at,
        detection.decided_at,
        finding.direction,
        finding.strength,
        finding.before.mark,
        finding.now.mark,
        dict(finding.numbers),
        [_to_json(change) for change in detection.markets],
    )
    return bool(done == "INSERT 0 1")


async def claim_waiting(conn: Conn, *, limit: int) -> ClaimedDetections:
    """Return detections nobody has decided about, oldest first, locked; skips locked ones.

    The episodes are locked too, so that two workers never decide about the same one at once;
    rows that only point at them are not kept waiting.
    """
    rows = await conn.fetch(
        """
        SELECT d.* FROM alpha.detections d JOIN alpha.episodes e ON e.id = d.episode_id
        WHERE d.outcome IS NULL ORDER BY d.decided_at, d.id LIMIT $1
        FOR NO KEY UPDATE OF d, e SKIP LOCKED
        """,
        limit,
    )
    waiting, unreadable = [], []
    for row in rows:
        try:
            waiting.append(_to_waiting(row))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            unreadable.append((row["id"], f"{type(error).__name__}: {error}"))
    return ClaimedDetections(waiting, unreadable)


async def settle(
    conn: Conn,
    detection_id: UUID,
    outcome: str,
    *,
    now: datetime,
    alert_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Record what was decided: `alerted`, `joined` an alert that said it, or `suppressed`."""
    await conn.execute(
        """
        UPDATE alpha.detections
        SET outcome = $2, outcome_reason = $3, alert_id = $4, attributed_at = $5 WHERE id = $1
        """,
        detection_id,
        outcome,
        reason,
        alert_id,
        now,
    )


def _to_waiting(row: Any) -> WaitingDetection:
    return WaitingDetection(
        id=row["id"],
        dedupe_key=row["dedupe_key"],
        kind=DetectionKind(row["kind"]),
        market_id=row["market_id"],
        event_id=row["event_id"],
        episode_id=row["episode_id"],
        started_at=row["started_at"],
        decided_at=row["decided_at"],
        direction=row["direction"],
        strength=row["strength"],
        markets=tuple(_from_json(change) for change in row["markets"]),
    )


def _to_json(change: MarketChange) -> dict[str, object]:
    return {
        "market_id": str(change.market_id),
        "before": _prices_to_json(change.before),
        "now": _prices_to_json(change.now),
        "as_of": change.as_of.isoformat(),
        "is_wide": change.is_wide,
        "is_stale": change.is_stale,
    }


def _prices_to_json(prices: Prices) -> list[str | None]:
    marks = (prices.mark, prices.bid, prices.ask)
    return [None if price is None else str(price) for price in marks]


def _from_json(stored: Any) -> MarketChange:
    return MarketChange(
        market_id=MarketId(UUID(stored["market_id"])),
        before=_prices_from_json(stored["before"]),
        now=_prices_from_json(stored["now"]),
        as_of=datetime.fromisoformat(stored["as_of"]),
        is_wide=stored["is_wide"],
        is_stale=stored["is_stale"],
    )


def _prices_from_json(stored: Sequence[str | None]) -> Prices:
    mark, bid, ask = (None if text is None else Decimal(text) for text in stored)
    return Prices(mark, bid, ask)  # type: ignore[arg-type]
