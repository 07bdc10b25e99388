"""A stage for deliveries: a clock that stands still, a gateway that says what it is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.clock import VirtualClock
from app.core.config import Settings
from app.core.database import Pool
from app.domain.push import PushMessage, PushOutcome, PushResult
from app.pipeline.parts import PipelineParts
from tests.delivery_rows import AlertRows, add_alert, add_holders

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 13:00 in New York
ACCEPTED = PushOutcome(PushResult.ACCEPTED, message_id="m", status=200)


@dataclass
class ScriptedGateway:
    """A gateway that answers what a test says, and keeps what it was sent."""

    answer: Callable[[PushMessage], PushOutcome] = lambda _: ACCEPTED
    sent: list[PushMessage] = field(default_factory=list)
    takes_s: float = 0

    async def send(self, message: PushMessage) -> PushOutcome:
        self.sent.append(message)
        if self.takes_s:
            await asyncio.sleep(self.takes_s)
        return self.answer(message)

    async def close(self) -> None:
        """Do nothing: there are no connections."""

    @property
    def addresses(self) -> list[str]:
        return [message.address for message in self.sent]


@dataclass
class DeliveryStage:
    """A database with an alert, and the parts of a dispatcher."""

    pool: Pool
    clock: VirtualClock
    gateway: ScriptedGateway
    parts: PipelineParts

    async def alert(self, name: str = "first", people: int = 1, **fields: Any) -> AlertRows:
        """Add an alert that is told to people now."""
        delivery = {
            key: fields.pop(key)
            for key in ("priority", "numbers", "expires_at", "template")
            if key in fields
        }
        async with self.pool.acquire() as conn, conn.transaction():
            rows = await add_alert(conn, name, at=self.clock.now(), **fields)
            await add_holders(conn, rows, people, **delivery)
        return rows

    async def sql(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.pool.fetch(query, *arguments)]

    async def one(self, alert: str = "first") -> dict[str, Any]:
        """Return the only delivery of an alert."""
        (row,) = await self.sql(
            "SELECT d.*, d.state::text FROM alpha.deliveries d JOIN alpha.alerts a"
            " ON a.id = d.alert_id WHERE a.dedupe_key = $1",
            alert,
        )
        return row

    async def outcomes(self) -> list[str]:
        """Return the outcomes of all attempts, oldest first."""
        rows = await self.sql("SELECT outcome FROM alpha.delivery_attempts ORDER BY id")
        return [row["outcome"] for row in rows]


@pytest.fixture
async def stage(pool: Pool, clean_tables: None) -> DeliveryStage:
    """Everything that a delivery needs, at noon-ish on a Sunday."""
    clock, gateway = VirtualClock(NOW), ScriptedGateway()
    parts = PipelineParts(Settings(), clock, pool, "test", gateway)
    return DeliveryStage(pool, clock, gateway, parts)
