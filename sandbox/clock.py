"""The sandbox's only reader of the time: a clock that can start elsewhere and run faster."""

import time

from sandbox.world.units import SECOND


def real_us() -> int:
    """Return the machine's time in microseconds since 1970."""
    return time.time_ns() // 1_000


def steady_s() -> float:
    """Return a monotonic time in seconds, for budgets and delays."""
    return time.monotonic()


class SandboxClock:
    """Virtual time: starts at a given moment and runs `speed` times as fast as the machine's."""

    def __init__(self, start_us: int | None = None, speed: float = 1.0) -> None:
        """Start at `start_us` (the machine's time without it); speed 0 stands still."""
        self.set(start_us, speed)

    def set(self, start_us: int | None, speed: float) -> None:
        """Jump to a time, or keep the present one, and run on at a speed."""
        self._real = start_us is None and speed == 1.0
        self._start_us = real_us() if start_us is None else start_us
        self._origin_s = steady_s()
        self.speed = speed

    def now_us(self) -> int:
        """Return the virtual time in microseconds since 1970."""
        if self._real:
            return real_us()
        return self._start_us + int((steady_s() - self._origin_s) * self.speed * SECOND)

    def change_speed(self, speed: float) -> None:
        """Run on from here at another speed."""
        self.set(self.now_us(), speed)

    def advance(self, by_us: int) -> None:
        """Jump forwards."""
        self.set(self.now_us() + by_us, self.speed)
