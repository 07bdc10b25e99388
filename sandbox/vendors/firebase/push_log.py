"""Every push that came in, and what was done with it; packed, so hundreds of thousands fit."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections import Counter
from typing import Any

import msgspec

_BLOCK = 128  # rows packed together
_KEPT = 500_000  # rows
_LEVEL = 1  # of compression: about 3 us a row


class Push(msgspec.Struct, frozen=True):
    """One request as it is shown.

    Attributes:
        n: its number, from 1 without gaps.
        received_us: the machine's time when all of it was there, microseconds since 1970.
        target: how `address` names somebody: token, topic, condition or fid.
        outcome: `accepted`, `validated`, or the name of what kept it from being accepted.
        answer: what the sender heard: `sent`, `broken` (a 200 that says nothing), `lost`.
    """

    n: int
    received_us: int
    target: str
    address: str
    outcome: str
    answer: str
    name: str
    collapse_id: str
    title: str
    body: str
    data: dict[str, str]
    headers: dict[str, str]
    aps: dict[str, Any]


class _Addressed(msgspec.Struct):
    """A packed row, as far as a search needs it."""

    address: str


_addressed = msgspec.json.Decoder(_Addressed)


class PushLog:
    """The newest pushes as JSON, in packed blocks but for the last ones."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.newest = 0
        self.clear()

    def clear(self) -> None:
        """Forget all rows and count anew; numbers go on."""
        self._open: list[bytes] = []
        self._packed: list[bytes] = []
        self._firsts: list[int] = []  # number of the first row of each packed block
        self._outcomes: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()

    def add(self, push: Push) -> None:
        """Keep a push whose number is `newest` + 1."""
        row = msgspec.json.encode(push)
        self.newest = push.n
        self._outcomes[push.outcome] += 1
        if push.outcome == "accepted":
            self._answers[push.answer] += 1
        self._open.append(row)
        if len(self._open) >= _BLOCK:
            self._pack()

    def _pack(self) -> None:
        self._firsts.append(self.newest - _BLOCK + 1)
        self._packed.append(zlib.compress(b"\n".join(self._open), _LEVEL))
        self._open = []
        if len(self._packed) * _BLOCK > _KEPT:
            del self._firsts[0], self._packed[0]

    def after(self, number: int, limit: int, address: str | None = None) -> list[bytes]:
        """Return the JSON of the first pushes behind a number, of one address if given."""
        found: list[bytes] = []
        for at in range(max(bisect_right(self._firsts, number) - 1, 0), len(self._packed) + 1):
            first, rows = self._block(at)
            skipped = max(number + 1 - first, 0)
            found += rows[skipped:] if address is None else _of_address(rows[skipped:], address)
            if len(found) >= limit:
                break
        return found[:limit]

    def _block(self, at: int) -> tuple[int, list[bytes]]:
        """Return the number of a block's first row, and its rows."""
        if at < len(self._packed):
            return self._firsts[at], zlib.decompress(self._packed[at]).split(b"\n")
        return self.newest - len(self._open) + 1, self._open

    def counts(self) -> dict[str, object]:
        """Return how many there were since the start or the last `clear`, by outcome."""
        return {
            "newest": self.newest,
            "total": self._outcomes.total(),
            "accepted": self._outcomes["accepted"],
            "answers": dict(self._answers),
            "outcomes": dict(sorted(self._outcomes.items())),
        }


def _of_address(rows: list[bytes], address: str) -> list[bytes]:
    """Return the rows of an address; only those that hold its text somewhere are opened."""
    text = msgspec.json.encode(address)
    likely = [row for row in rows if text in row]
    return [row for row in likely if _addressed.decode(row).address == address]
