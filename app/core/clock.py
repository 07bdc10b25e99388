"""The only file that reads the time."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What everything outside `domain` asks for the time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back; only differences mean anything."""

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time."""


class SystemClock:
    """The machine's clock, optionally shifted so that it began at a given moment.

    `start_at` (setting `CLOCK_AT`) lets recordings meet their own dates: the
    shift is taken once, from the wall clock at construction.
    """

    def __init__(self, start_at: datetime | None = None) -> None:
        self._shift = start_at - datetime.now(UTC) if start_at else timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock that moves only when told to."""

    def __init__(self, start_at: datetime) -> None:
        self._start = start_at
        self._now = start_at

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def advance(self, step: timedelta) -> None:
        """Move forward; a negative step is the caller's mistake (ValueError)."""
        if step < timedelta():
            raise ValueError("A clock does not go back.")
        self._now += step
