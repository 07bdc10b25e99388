"""People, markets and detections for tests of the pipeline, straight into the tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from app.core.clock import VirtualClock
from app.core.config import Settings
from app.core.database import Conn, Pool
from app.domain import ids
from app.domain.detections import Detection, DetectionKind, Finding, MarketChange, Prices
from app.domain.push import PushMessage, PushOutcome, PushResult
from app.domain.types import EventId, Exchange, MarketId, Price
from app.pipeline.attribute import attribute_due
from app.pipeline.notify import notify_due
from app.pipeline.parts import PipelineParts
from app.pipeline.word import word_due
from app.store.detections import insert_detections

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
PEOPLE = UUID("00000000-0000-5000-8000-00000000aaaa")


@dataclass
class RecordingGateway:
    """A gateway that takes everything, or answers as told, and remembers what it got."""

    sent: list[PushMessage] = field(default_factory=list)
    outcomes: list[PushOutcome] = field(default_factory=list)

    async def send(self, message: PushMessage) -> PushOutcome:
        self.sent.append(message)
        if self.outcomes:
            return self.outcomes.pop(0)
        return PushOutcome(PushResult.ACCEPTED, message_id=f"m{len(self.sent)}")

    async def close(self) -> None:
        """There is nothing to close."""


def make_parts(pool: Pool, *, now: datetime = NOW, push: Any = None) -> PipelineParts:
    """Return parts on a clock that stands still, with a gateway that takes everything."""
    return PipelineParts(
        Settings(), VirtualClock(now), pool, "tests", RecordingGateway() if push is None else push
    )


async def decide_and_tell(parts: PipelineParts) -> None:
    """Run every step between a detection and its deliveries until nothing is left."""
    for step in (attribute_due, word_due, notify_due):
        while await step(parts):
            pass


async def add_event(
    conn: Conn, ext_id: str = "KXGAME-1", *, title: str = "Boston at Miami"
) -> UUID:
    """Add an event with its series `KXGAME`, once."""
    series_id = ids.series_id(Exchange.KALSHI, "KXGAME")
    event_id = ids.event_id(Exchange.KALSHI, ext_id)
    await conn.execute(
        """
        INSERT INTO alpha.series (id, exchange, ext_id, title, category, fingerprint)
        VALUES ($1, 'kalshi', 'KXGAME', 'Games', 'Sports', 0) ON CONFLICT DO NOTHING
        """,
        series_id,
    )
    await conn.execute(
        """
        INSERT INTO alpha.events (id, exchange, ext_id, series_id, title, fingerprint)
        VALUES ($1, 'kalshi', $2, $3, $4, 0) ON CONFLICT DO NOTHING
        """,
        event_id,
        ext_id,
        series_id,
        title,
    )
    return event_id


async def add_market(
    conn: Conn, ext_id: str, *, event: str = "KXGAME-1", outcome: str = "Boston"
) -> MarketId:
    """Add an open market of an event, with its two outcomes."""
    event_id = await add_event(conn, event)
    market_id = ids.market_id(Exchange.KALSHI, ext_id)
    await conn.execute(
        """
        INSERT INTO alpha.markets
            (id, exchange, ext_id, event_id, market_type, title, status, fingerprint)
        VALUES ($1, 'kalshi', $2, $3, 'binary', 'Winner?', 'open', 0)
        """,
        market_id,
        ext_id,
        event_id,
    )
    for position, side in enumerate(("yes", "no")):
        await conn.execute(
            """
            INSERT INTO alpha.market_outcomes (id, market_id, execution_asset_id, position, name)
            VALUES ($1, $2, $3, $4, $5)
            """,
            ids.outcome_id(market_id, side),
            market_id,
            side,
            position,
            outcome,
        )
    return market_id


async def add_person(
    conn: Conn, name: str, *, zone: str = "America/New_York", devices: int = 1, **preferences: Any
) -> UUID:
    """Add a user with phones and, when any are given, preferences."""
    user_id = uuid5(PEOPLE, name)
    await conn.execute(
        "INSERT INTO alpha.users (id, display_name, timezone) VALUES ($1, $2, $3)",
        user_id,
        name,
        zone,
    )
    for number in range(devices):
        await conn.execute(
            """
            INSERT INTO alpha.devices (id, user_id, kind, address, registered_at, last_seen_at)
            VALUES ($1, $2, 'fcm_token', $3, $4, $4)
            """,
            uuid5(user_id, str(number)),
            user_id,
            f"{name}-{number}",
            NOW - timedelta(days=1),
        )
    if preferences:
        columns = ", ".join(["user_id", "updated_at", *preferences])
        marks = ", ".join(f"${number}" for number in range(1, 3 + len(preferences)))
        await conn.execute(
            f"INSERT INTO alpha.notification_preferences ({columns}) VALUES ({marks})",
            user_id,
            NOW,
            *preferences.values(),
        )
    return user_id


async def add_position(
    conn: Conn, user_id: UUID, market_id: UUID, contracts: str, *, side: str = "yes"
) -> None:
    """Let somebody hold contracts of one side of a market."""
    await conn.execute(
        """
        INSERT INTO alpha.positions
            (id, user_id, market_id, side, contracts, average_price, source, opened_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, 0.5, 'test', $6, $6)
        """,
        uuid5(user_id, f"{market_id}:{side}"),
        user_id,
        market_id,
        side,
        Decimal(contracts),
        NOW,
    )


async def add_follow(
    conn: Conn, user_id: UUID, target_id: UUID, *, kind: str = "market", push: bool = True
) -> None:
    """Let somebody follow a market, an event or a series."""
    await conn.execute(
        """
        INSERT INTO alpha.follows (id, user_id, kind, target_id, is_push, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        uuid5(user_id, f"{kind}:{target_id}"),
        user_id,
        kind,
        target_id,
        push,
        NOW,
    )


def prices(mark: str | None, bid: str | None = None, ask: str | None = None) -> Prices:
    """Return prices from text."""
    return Prices(*(None if text is None else Price(Decimal(text)) for text in (mark, bid, ask)))


def change(market_id: MarketId, before: Prices, now: Prices, **fields: Any) -> MarketChange:
    """Return how one market changed."""
    return MarketChange(market_id, before, now, **({"as_of": NOW} | fields))


def make_detection(
    markets: Sequence[MarketChange],
    *,
    event: str = "KXGAME-1",
    strength: str = "2.5",
    now: datetime = NOW,
    kind: DetectionKind = DetectionKind.LINE_MOVE,
    key: str = "first",
) -> Detection:
    """Return a move of the first market that began five minutes ago."""
    subject = markets[0]
    started = now - timedelta(minutes=5)
    moved = (subject.now.mark or Decimal(0)) - (subject.before.mark or Decimal(0))
    finding = Finding(
        kind=kind,
        rule=f"{kind}:pre_game",
        rule_version=1,
        policy="pre_game",
        started_ms=int(started.timestamp() * 1_000),
        observed_ms=int(now.timestamp() * 1_000),
        direction=(moved > 0) - (moved < 0),
        strength=Decimal(strength),
        before=subject.before,
        before_ms=0,
        now=subject.now,
        numbers={"contracts": "5200", "times_usual": "8.1"},
    )
    return Detection(
        finding=finding,
        market_id=subject.market_id,
        event_id=EventId(ids.event_id(Exchange.KALSHI, event)),
        decided_at=now,
        started_at=started,
        observed_at=now,
        markets=tuple(markets),
        dedupe_key=f"{key}:{subject.market_id}",
    )


async def detect(pool: Pool, *detections: Detection) -> list[UUID]:
    """Write detections as the monitor does."""
    async with pool.acquire() as conn, conn.transaction():
        return await insert_detections(conn, detections)
