"""The way from decoded messages to the sink; announcements wait here until they are stored."""

import asyncio
from collections import deque
from collections.abc import Sequence

from app.domain.lifecycle_events import LifecycleEvent
from app.services.kalshi.stream.limits import StreamLimits
from app.services.ports import TickSink


class LifecycleQueue:
    """Announcements in their order, none ever dropped; bounded by ending the connection."""

    def __init__(self, sink: TickSink, limits: StreamLimits) -> None:
        self._sink = sink
        self._limits = limits
        self._waiting: deque[LifecycleEvent] = deque()
        self._has_some = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Whether the connection must end, so that what waits can be stored."""
        return len(self._waiting) >= self._limits.lifecycle_waiting

    @property
    def is_low(self) -> bool:
        """Whether half of the room is free again, so that a new connection makes sense."""
        return len(self._waiting) <= self._limits.lifecycle_waiting // 2

    def put(self, events: Sequence[LifecycleEvent]) -> None:
        """Add announcements, also beyond the limit: they were received."""
        self._waiting.extend(events)
        self._has_some.set()

    async def run(self) -> None:
        """Give them to the sink, batch by batch, for ever."""
        while True:
            await self._has_some.wait()
            await self._give()
            if not self._waiting:
                self._has_some.clear()

    async def finish(self) -> None:
        """Give the sink what still waits, and what it was given and had not stored."""
        while self._waiting:
            await self._give()

    async def _give(self) -> None:
        count = min(len(self._waiting), self._limits.lifecycle_batch)
        await self._sink.on_lifecycle([self._waiting[at] for at in range(count)])
        for _ in range(count):
            self._waiting.popleft()
