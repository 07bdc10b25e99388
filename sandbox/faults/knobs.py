"""Fault knobs: parsed from JSON, fired by rate or count, the same way for the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sandbox.faults.stream import FRAME_FAULTS, STATUSES, STREAM_FAULTS
from sandbox.world.noise import key_of

# fault -> options it takes besides rate, count and route
REQUEST_FAULTS: dict[str, frozenset[str]] = {
    "rate_429": frozenset(),
    "error_500": frozenset(),
    "error_503": frozenset(),
    "hang": frozenset({"seconds"}),
    "reset": frozenset(),
    "truncate": frozenset({"mode"}),
    "slow": frozenset({"seconds"}),
}
ROW_FAULTS: dict[str, frozenset[str]] = {
    "gap": frozenset({"ids", "rows"}),
    "vanish": frozenset({"ids", "rows"}),
    "stale_rows": frozenset({"ids", "rows"}),
    "unknown_enum": frozenset({"ids", "rows"}),
    "nulls": frozenset({"ids", "rows"}),
    "missing_fields": frozenset({"ids", "rows"}),
    "extra_fields": frozenset({"ids", "rows"}),
    "poisoned_rows": frozenset({"ids", "rows", "kinds"}),
}
PAGE_FAULTS: dict[str, frozenset[str]] = {
    "repeat_page": frozenset(),
    "repeat_cursor": frozenset({"at"}),
    "null_cursor": frozenset(),
    "absent_cursor": frozenset(),
    "empty_page_with_cursor": frozenset({"at"}),
    "reorder": frozenset(),
}
STATE_FAULTS: dict[str, frozenset[str]] = {
    "maintenance": frozenset(),
    "clock_skew": frozenset({"seconds"}),
}
ALL_FAULTS = {**REQUEST_FAULTS, **ROW_FAULTS, **PAGE_FAULTS, **STATE_FAULTS, **STREAM_FAULTS}
Known = Mapping[str, frozenset[str]]
_CHOICES = {"mode": ("body", "closed"), "at": ("end", "middle")}


class FaultError(ValueError):
    """The knobs cannot be read; the text says which and why."""


@dataclass(slots=True)
class Knob:
    """One fault that is on; `count` limits how often it fires, None means without end."""

    name: str
    rate: float = 1.0
    count: int | None = None
    route: str = ""  # part of the route's name, empty for all
    seconds: float = 5.0
    options: dict[str, object] = field(default_factory=dict)
    asked: int = 0
    ids: set[str] = field(default_factory=set)  # rows chosen by count or by name
    by_name: bool = False

    def words(self, option: str) -> tuple[str, ...]:
        """Return a list option, empty when it is not set."""
        value = self.options.get(option)
        return tuple(map(str, value)) if isinstance(value, list) else ()

    def word(self, option: str, default: str) -> str:
        """Return a text option."""
        return str(self.options.get(option, default))

    def number(self, option: str, default: int) -> int:
        """Return an option that is a whole number."""
        value = self.options.get(option)
        return value if isinstance(value, int) else default

    def pause_s(self, default: float) -> float:
        """Return `seconds` when it was chosen."""
        return self.seconds if "seconds" in self.options else default

    def describe(self) -> dict[str, object]:
        """Return the knob as JSON; `count` is what remains."""
        shown: dict[str, object] = {"rate": self.rate, **self.options}
        if self.count is not None:
            shown["count"] = self.count
        if self.route:
            shown["route"] = self.route
        return shown


def _number(name: str, key: str, value: object, top: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= top:
        raise FaultError(f"{name}: {key} must be a number from 0 to {top:g}")
    return float(value)


def parse_knob(name: str, value: object, known: Known = ALL_FAULTS) -> Knob:
    """Read one knob: `true`, a rate, or an object.

    Raises:
        FaultError: unknown fault or option, or a value out of range.
    """
    if name not in known:
        raise FaultError(f"unknown fault {name!r}; known: {', '.join(sorted(known))}")
    if isinstance(value, bool):
        return Knob(name, 1.0 if value else 0.0)
    if not isinstance(value, Mapping):
        return Knob(name, _number(name, "rate", value, 1))
    unknown = set(value) - known[name] - {"rate", "count", "route"}
    if unknown:
        raise FaultError(f"{name}: unknown option {sorted(unknown)[0]!r}")
    knob = Knob(name, _number(name, "rate", value.get("rate", 1.0), 1))
    if value.get("count") is not None:
        knob.count = int(_number(name, "count", value["count"], 1e9))
    knob.route = str(value.get("route", ""))
    knob.options = {key: value[key] for key in known[name] if key in value}
    _check_options(knob)
    return knob


def _check_options(knob: Knob) -> None:
    for key, choices in _CHOICES.items():
        if knob.word(key, choices[0]) not in choices:
            raise FaultError(f"{knob.name}: {key} must be one of {', '.join(choices)}")
    if "seconds" in knob.options:
        sign = -1 if knob.name == "clock_skew" and _is_negative(knob.options["seconds"]) else 1
        value = knob.options["seconds"]
        size = -value if sign < 0 and isinstance(value, (int, float)) else value
        knob.seconds = sign * _number(knob.name, "seconds", size, 1e9)
    _check_numbers(knob)
    for key in ("ids", "rows", "kinds"):
        if key in knob.options and not isinstance(knob.options[key], list):
            raise FaultError(f"{knob.name}: {key} must be a list")
    knob.ids = set(knob.words("ids"))
    knob.by_name = "ids" in knob.options


def _check_numbers(knob: Knob) -> None:
    for key in ("status", "code", "retry_after"):
        if key in knob.options and not isinstance(knob.options[key], int):
            raise FaultError(f"{knob.name}: {key} must be a whole number")
    if knob.number("status", 503) not in STATUSES:
        raise FaultError(f"{knob.name}: status must be one of {sorted(STATUSES)}")


def _is_negative(value: object) -> bool:
    return isinstance(value, (int, float)) and value < 0


class Faults:
    """The knobs of one vendor."""

    def __init__(self, seed: int, known: Known = ALL_FAULTS) -> None:
        """Start with everything off; `known` names the faults there are, with their options."""
        self._seed, self._known = seed, known
        self._knobs: dict[str, Knob] = {}

    def replace(self, spec: Mapping[str, object]) -> None:
        """Set exactly these knobs; a refused specification changes nothing."""
        self._knobs = {name: parse_knob(name, value, self._known) for name, value in spec.items()}

    def clear(self) -> None:
        """Turn everything off."""
        self._knobs = {}

    def describe(self) -> dict[str, dict[str, object]]:
        """Return the knobs that are on."""
        return {name: knob.describe() for name, knob in self._knobs.items()}

    def spoils_rows(self) -> bool:
        """Say whether any row may be spoiled, to spare the question per row."""
        return not ROW_FAULTS.keys().isdisjoint(self._knobs)

    def spoils_frames(self) -> bool:
        """Say whether any message of a socket may be spoiled."""
        return not FRAME_FAULTS.keys().isdisjoint(self._knobs)

    def active(self, name: str) -> Knob | None:
        """Return a knob that is on, whatever its rate."""
        knob = self._knobs.get(name)
        return knob if knob and knob.rate > 0 and knob.count != 0 else None

    def fires(self, name: str, route: str = "") -> Knob | None:
        """Decide once whether a fault happens to a request or page."""
        knob = self.active(name)
        if knob is None or knob.route not in route:
            return None
        knob.asked += 1
        if not self._below(knob, str(knob.asked)):
            return None
        if knob.count is not None:
            knob.count -= 1
        return knob

    def first(self, names: Iterable[str], route: str = "") -> Knob | None:
        """Decide once whether one of some faults happens; the first of them goes first."""
        if not self._knobs:
            return None
        return next((knob for name in names if (knob := self.fires(name, route))), None)

    def hits(self, name: str, kind: str, ext_id: str) -> Knob | None:
        """Decide whether a fault happens to a row; the same row gets the same answer."""
        knob = self._knobs.get(name)
        if knob is None or knob.rate <= 0 or (kind not in (knob.words("rows") or (kind,))):
            return None
        if ext_id in knob.ids:
            return knob
        if knob.by_name or knob.count == 0 or not self._below(knob, f"{kind} {ext_id}"):
            return None
        if knob.count is not None:
            knob.count -= 1
            knob.ids.add(ext_id)
        return knob

    def _below(self, knob: Knob, what: str) -> bool:
        return knob.rate >= 1 or key_of(self._seed, knob.name, what) / 2**63 < knob.rate
