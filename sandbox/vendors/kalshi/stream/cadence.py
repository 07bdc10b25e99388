"""At most one ticker a second and market: what changes sooner waits, the newest state counts."""

from __future__ import annotations

import heapq

PERIOD_S = 1.0
_REMEMBERED = 200_000


class Cadence:
    """Decides when a changed market's ticker goes out; times are seconds of a steady clock."""

    def __init__(self) -> None:
        """Start with nothing waiting."""
        self._sent_s: dict[str, float] = {}
        self._waiting: dict[str, int] = {}  # ticker -> time of its newest change (us)
        self._due: list[tuple[float, str]] = []

    def changed(self, ticker: str, at_us: int, now_s: float) -> None:
        """Note a change; the ticker is due at once or a second after the one before."""
        if ticker not in self._waiting:
            due_s = max(self._sent_s.get(ticker, 0.0) + PERIOD_S, now_s)
            heapq.heappush(self._due, (due_s, ticker))
        self._waiting[ticker] = at_us

    def take(self, now_s: float) -> list[tuple[str, int]]:
        """Return the markets whose ticker is due, with the time of their newest change."""
        found: list[tuple[str, int]] = []
        if len(self._sent_s) > _REMEMBERED:
            self._sent_s.clear()
        while self._due and self._due[0][0] <= now_s:
            _, ticker = heapq.heappop(self._due)
            self._sent_s[ticker] = now_s
            found.append((ticker, self._waiting.pop(ticker)))
        return found

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._due.clear()
