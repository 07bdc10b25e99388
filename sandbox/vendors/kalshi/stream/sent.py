"""What was sent, for tests that need the truth: the newest rows, and counters."""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice

from sandbox.clock import real_us

_KEPT = 200_000
_LIFECYCLE_KEPT = 200_000
Row = tuple[object, ...]


class SentLog:
    """Rows of tickers and of announcements, numbered in the order of sending."""

    def __init__(self) -> None:
        """Start at zero."""
        self.number = 0
        self.frames: Counter[str] = Counter()
        self._tickers: deque[Row] = deque(maxlen=_KEPT)
        self._lifecycle: deque[Row] = deque(maxlen=_LIFECYCLE_KEPT)
        self._unsent: list[tuple[deque[Row], str, tuple[object, ...], str]] = []

    def note(self, kind: str, subject: str, note: tuple[object, ...], fault: str) -> None:
        """Note a message that will be written with the next flush."""
        self.frames[kind] += 1
        if kind == "ticker":
            self._unsent.append((self._tickers, subject, note, fault))
        elif kind not in ("trade", "orderbook_delta", "orderbook_snapshot"):
            self._unsent.append((self._lifecycle, subject, note, fault))

    def written(self) -> None:
        """Give everything noted since the last call its number and time."""
        at_us = real_us()
        for rows, subject, note, fault in self._unsent:
            self.number += 1
            rows.append((self.number, at_us, subject, *note, fault))
        self._unsent.clear()

    def after(self, number: int, limit: int) -> dict[str, list[Row]]:
        """Return the first rows behind a number, of each kind."""
        return {
            "tickers": _behind(self._tickers, number, limit),
            "lifecycle": _behind(self._lifecycle, number, limit),
        }

    def reset(self) -> None:
        """Forget the rows and count anew; numbers go on."""
        self.frames.clear()
        self._tickers.clear()
        self._lifecycle.clear()


def _behind(rows: deque[Row], number: int, limit: int) -> list[Row]:
    newer = 0
    for row in reversed(rows):
        if not isinstance(row[0], int) or row[0] <= number:
            break
        newer += 1
    return list(islice(rows, len(rows) - newer, len(rows) - newer + limit))
