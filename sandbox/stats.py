"""Counts what a vendor of the sandbox was asked, answered and spoiled."""

from __future__ import annotations

from collections import Counter, deque

Notes = dict[str, dict[str, list[str]]]  # kind -> external id -> what was done to it


class TokenMeter:
    """Largest number of tokens one account asked for in any rolling second."""

    def __init__(self) -> None:
        """Start at zero."""
        self._recent: dict[str, deque[tuple[float, int]]] = {}
        self._sums: Counter[str] = Counter()
        self.largest = 0

    def add(self, account: str, tokens: int, at_s: float) -> None:
        """Count tokens asked for at a monotonic time."""
        recent = self._recent.setdefault(account, deque())
        recent.append((at_s, tokens))
        self._sums[account] += tokens
        while recent[0][0] <= at_s - 1.0:
            self._sums[account] -= recent.popleft()[1]
        self.largest = max(self.largest, self._sums[account])


class Stats:
    """Counters of one vendor."""

    def __init__(self) -> None:
        """Start at zero."""
        self.reset()

    def reset(self) -> None:
        """Count anew."""
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        self.rows_served: Counter[str] = Counter()
        self.tokens_spent = 0
        self.over_budget = 0
        self.meter = TokenMeter()
        self._poisoned: Notes = {}
        self._altered: Notes = {}
        self._dropped: Notes = {}

    def _note(self, notes: Notes, kind: str, ext_id: str, what: str) -> None:
        done = notes.setdefault(kind, {}).setdefault(ext_id, [])
        if what not in done:
            done.append(what)
            self.faults[what.split(":")[0]] += 1

    def note_poisoned(self, kind: str, ext_id: str, what: str) -> None:
        """Remember that a row was made unreadable or wrong."""
        self._note(self._poisoned, kind, ext_id, f"poisoned_rows:{what}")

    def note_altered(self, kind: str, ext_id: str, what: str) -> None:
        """Remember that a row was changed but may still be used."""
        self._note(self._altered, kind, ext_id, what)

    def note_dropped(self, kind: str, ext_id: str, what: str) -> None:
        """Remember that a row was left out of a listing."""
        self._note(self._dropped, kind, ext_id, what)

    def describe(self) -> dict[str, object]:
        """Return everything as JSON."""
        return {
            "requests": dict(sorted(self.requests.items())),
            "requests_total": self.requests.total(),
            "statuses": {str(code): n for code, n in sorted(self.statuses.items())},
            "tokens_spent": self.tokens_spent,
            "max_tokens_per_second": self.meter.largest,
            "over_budget": self.over_budget,
            "sent_429": self.statuses[429],
            "unauthorized": self.statuses[401],
            "faults": dict(sorted(self.faults.items())),
            "rows_served": dict(self.rows_served),
            "rows_poisoned": {kind: len(ids) for kind, ids in self._poisoned.items()},
            "poisoned": self._poisoned,
            "altered": self._altered,
            "dropped": self._dropped,
        }
