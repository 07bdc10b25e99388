"""Markets and events to be asked for by name, with patience: the exchange may not list them yet."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

MAX_WANTED = 20_000
GIVE_UP_S = 600.0
_FIRST_S, _LONGEST_S = 1.0, 60.0


@dataclass(slots=True)
class _Wish:
    due_s: float
    give_up_s: float
    ceiling_s: float = _FIRST_S


class WantList:
    """Names with the moment (seconds of a monotonic clock) at which each is to be tried."""

    def __init__(self) -> None:
        """Begin empty."""
        self._wishes: dict[str, _Wish] = {}

    def __len__(self) -> int:
        """Return how many names it holds."""
        return len(self._wishes)

    def add(self, names: Iterable[str], *, due_s: float) -> int:
        """Add names; one that is there keeps its turn. Return how many found no room."""
        refused = 0
        for name in names:
            if name in self._wishes:
                continue
            if len(self._wishes) >= MAX_WANTED:
                refused += 1
                continue
            self._wishes[name] = _Wish(due_s, due_s + GIVE_UP_S)
        return refused

    def due(self, now_s: float, *, limit: int) -> list[str]:
        """Return the names to be tried now, the oldest ones."""
        names = (name for name, wish in self._wishes.items() if wish.due_s <= now_s)
        return [name for name, _ in zip(names, range(limit), strict=False)]

    def drop(self, names: Iterable[str]) -> None:
        """Forget names: they came."""
        for name in names:
            self._wishes.pop(name, None)

    def postpone(self, names: Iterable[str], now_s: float) -> list[str]:
        """Try names again later, at random within a growing time; return those given up."""
        given_up = []
        for name in names:
            wish = self._wishes.get(name)
            if wish is None:
                continue
            if now_s >= wish.give_up_s:
                given_up.append(name)
                del self._wishes[name]
                continue
            wish.due_s = now_s + random.uniform(0, wish.ceiling_s)
            wish.ceiling_s = min(2 * wish.ceiling_s, _LONGEST_S)
        return given_up
