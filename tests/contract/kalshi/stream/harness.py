"""What tests of the stream share: limits that make them short, and a stream at work."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from app.services.kalshi.stream import KalshiStream, StreamLimits
from app.services.ports import StreamPhase
from tests.kalshi_socket import FakeKalshi, RecordingSink, until

# Everything 25 to 50 times faster than in production; no delay after the first failures.
FAST = StreamLimits(
    transport_s=0.8,
    subscribe_s=0.4,
    stale_s=0.5,
    dead_s=1.2,
    probe_s=0.1,
    ping_s=0.2,
    healthy_s=0,
    look_s=0.02,
    again_s=0.5,
)


class NoDelay(random.Random):
    """Dice that always show the lowest number: reconnects come at once; notes the highest."""

    def __init__(self) -> None:
        super().__init__()
        self.ceilings: list[float] = []

    def uniform(self, a: float, b: float) -> float:
        self.ceilings.append(b)
        return a


@dataclass
class Running:
    """A stream at work; `due` is what it is told when ticks stay away."""

    stream: KalshiStream
    sink: RecordingSink
    task: asyncio.Task[None]
    server: FakeKalshi
    dice: NoDelay

    async def live(self) -> None:
        await until(lambda: self.server.is_subscribed and self.sink.phase is StreamPhase.LIVE)


@dataclass
class Due:
    """What `expects_ticks` answers, and how often it was asked."""

    answer: bool | None = False
    asked: int = 0

    async def __call__(self, since: datetime) -> bool | None:
        self.asked += 1
        return self.answer


Start = Callable[..., Awaitable[Running]]
