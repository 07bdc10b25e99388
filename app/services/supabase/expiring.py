"""A small memory whose entries end by themselves and which never outgrows its bound."""

from typing import Generic, TypeVar

from app.core.clock import Clock

K = TypeVar("K")
V = TypeVar("V")


class Expiring(Generic[K, V]):
    """Keeps what is put for some seconds; when full, forgets what was put first."""

    def __init__(self, clock: Clock, most: int) -> None:
        """Keep at most so many entries."""
        self._clock = clock
        self._most = most
        self._entries: dict[K, tuple[float, V]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return what was put, None when its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        until, kept = entry
        if self._clock.monotonic() >= until:
            del self._entries[key]
            return None
        return kept

    def put(self, key: K, kept: V, *, for_s: float) -> None:
        """Keep something for a while, in place of what the key had."""
        self._entries.pop(key, None)
        if len(self._entries) >= self._most:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = (self._clock.monotonic() + for_s, kept)
