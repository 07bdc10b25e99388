"""One alert about the crowd's game, made by the pipeline's own steps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from app.core.clock import Clock
from app.core.config import Settings
from app.core.database import create_pool
from app.domain.detections import Detection, DetectionKind, Finding, MarketChange, Prices
from app.domain.types import MarketId, Price
from app.pipeline.attribute import attribute_due
from app.pipeline.parts import PipelineParts
from app.pipeline.word import word_due
from app.services.ports import PushSender
from app.store.detections import insert_detections
from bench.arena import STATEMENT_TIMEOUT_S
from bench.contest import BenchError
from bench.pipeline.crowd import GAME

_CONNECTIONS = 5  # claim, record, look after leases, and two of the harness
_LASTED = timedelta(minutes=5)


@asynccontextmanager
async def open_parts(
    url: str, clock: Clock, push: PushSender | None = None
) -> AsyncIterator[PipelineParts]:
    """Connect to a database as a pipeline process does."""
    pool = await create_pool(url, size=_CONNECTIONS, statement_timeout_s=STATEMENT_TIMEOUT_S)
    try:
        yield PipelineParts(Settings(), clock, pool, "bench", push)
    finally:
        pool.terminate()


async def make_alert(parts: PipelineParts) -> UUID:
    """Let the game move now; return the worded alert that nobody was told of yet.

    Raises:
        BenchError: the pipeline made none.
    """
    async with parts.pool.acquire() as conn, conn.transaction():
        await insert_detections(conn, [_detection(parts.clock)])
    await attribute_due(parts)
    await word_due(parts)
    alert_id: UUID | None = await parts.pool.fetchval(
        "SELECT id FROM alpha.alerts WHERE worded_at IS NOT NULL AND notified_at IS NULL"
    )
    if alert_id is None:
        raise BenchError("The pipeline made no alert of a detection.")
    return alert_id


def _detection(clock: Clock) -> Detection:
    now = clock.now()
    home = _change(GAME.home, ("0.62", "0.61", "0.63"), ("0.48", "0.47", "0.49"), clock)
    away = _change(GAME.away, ("0.38", "0.37", "0.39"), ("0.52", "0.51", "0.53"), clock)
    finding = Finding(
        kind=DetectionKind.LINE_MOVE,
        rule="line_move:pre_game",
        rule_version=1,
        policy="pre_game",
        started_ms=int((now - _LASTED).timestamp() * 1_000),
        observed_ms=int(now.timestamp() * 1_000),
        direction=-1,
        strength=Decimal("2.5"),
        before=home.before,
        before_ms=0,
        now=home.now,
        numbers={"contracts": "5200", "times_usual": "8.1"},
    )
    return Detection(
        finding=finding,
        market_id=GAME.home,
        event_id=GAME.event_id,
        decided_at=now,
        started_at=now - _LASTED,
        observed_at=now,
        markets=(home, away),
        dedupe_key=f"bench:{GAME.home}",
    )


def _change(
    market_id: MarketId, before: tuple[str, ...], now: tuple[str, ...], clock: Clock
) -> MarketChange:
    return MarketChange(market_id, _prices(before), _prices(now), as_of=clock.now())


def _prices(texts: tuple[str, ...]) -> Prices:
    mark, bid, ask = (Price(Decimal(text)) for text in texts)
    return Prices(mark, bid, ask)
