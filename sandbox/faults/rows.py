"""Spoils rows: unknown words, nulls, missing and extra fields, poison that breaks parsers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import orjson

from sandbox.faults.knobs import Faults
from sandbox.stats import Stats
from sandbox.world.noise import key_of

LONG_TEXT = "A very long title. " * 12_000  # about 228 kB


@dataclass(frozen=True, slots=True)
class RowShape:
    """What a kind of row consists of, as far as spoiling needs to know."""

    enums: dict[str, str]  # field -> a word nobody has ever seen
    required: tuple[str, ...]  # may become null or go missing; never the id
    texts: tuple[str, ...]
    numbers: tuple[str, ...]  # take NaN, Infinity, 1e400
    prices: tuple[str, ...]  # take negative and too large prices
    garbage: dict[str, object]  # field -> a value of the wrong type


@dataclass(slots=True)
class Row:
    """One row on its way out; `raw` is set for recordings and goes out as it is."""

    kind: str
    ext_id: str
    fields: dict[str, object] = field(default_factory=dict)
    raw: bytes | None = None
    opened: bool = False  # was a recording: keep its order

    def encode(self) -> bytes:
        """Return the row as JSON, a made one with its keys in alphabetical order."""
        if self.raw is not None:
            return self.raw
        return orjson.dumps(self.fields, option=None if self.opened else orjson.OPT_SORT_KEYS)

    def open(self) -> dict[str, object]:
        """Return the fields for changing; numbers of a recording keep their text."""
        if self.raw is not None:
            self.fields = dict(_keep_numbers(self.raw))
            self.raw, self.opened = None, True
        return self.fields


def _keep_numbers(raw: bytes) -> dict[str, object]:
    """Decode one level; nested values stay the bytes they were."""
    decoded = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return {key: orjson.Fragment(bytes(value)) for key, value in decoded.items()}


Poison = Callable[[RowShape, dict[str, object], int], bytes | None]


def _pick(names: tuple[str, ...], key: int) -> str:
    return names[key % len(names)]


def _token(text: bytes) -> Poison:
    def apply(shape: RowShape, fields: dict[str, object], key: int) -> bytes | None:
        fields[_pick(shape.numbers, key)] = orjson.Fragment(text)
        return None

    return apply


def _price(text: str) -> Poison:
    def apply(shape: RowShape, fields: dict[str, object], key: int) -> bytes | None:
        if shape.prices:
            fields[_pick(shape.prices, key)] = text
        return None

    return apply


def _text(token: bytes) -> Poison:
    def apply(shape: RowShape, fields: dict[str, object], key: int) -> bytes | None:
        fields[_pick(shape.texts, key)] = orjson.Fragment(token)
        return None

    return apply


def _garbage(shape: RowShape, fields: dict[str, object], key: int) -> bytes | None:
    name = _pick(tuple(shape.garbage), key)
    fields[name] = shape.garbage[name]
    return None


def _not_object(shape: RowShape, fields: dict[str, object], key: int) -> bytes | None:
    return (b"null", b"42", b'"row"', b"[]", b"true")[key % 5]


POISONS: dict[str, Poison] = {
    "garbage_types": _garbage,
    "nan": _token(b"NaN"),
    "infinity": _token(b"-Infinity"),
    "huge_exponent": _token(b"1e400"),
    "negative_price": _price("-0.0500"),
    "price_above_one": _price("1.7000"),
    "nul_text": _text(b'"before\\u0000after"'),
    "lone_surrogate": _text(b'"before\\ud800after"'),
    "long_text": _text(orjson.dumps(LONG_TEXT)),
    "not_an_object": _not_object,
}


class Spoiler:
    """Encodes rows, spoiling those the knobs choose, and notes what it did."""

    def __init__(
        self, seed: int, faults: Faults, stats: Stats, shapes: dict[str, RowShape]
    ) -> None:
        """Spoil rows of the kinds in `shapes`."""
        self._seed, self._faults, self._stats, self._shapes = seed, faults, stats, shapes

    def is_dropped(self, kind: str, ext_id: str) -> bool:
        """Say whether a row is left out of listings."""
        for name in ("gap", "vanish"):
            if self._faults.hits(name, kind, ext_id):
                self._stats.note_dropped(kind, ext_id, name)
                return True
        return False

    def is_vanished(self, kind: str, ext_id: str) -> bool:
        """Say whether a row's own address answers 404."""
        return self._faults.hits("vanish", kind, ext_id) is not None

    def encode(self, row: Row) -> bytes:
        """Return the row's JSON, spoiled if a knob hits it."""
        self._stats.rows_served[row.kind] += 1
        shape = self._shapes.get(row.kind)
        if shape is None or not self._faults.spoils_rows():
            return row.encode()
        key = key_of(self._seed, "spoil", row.ext_id)
        self._alter(row, shape, key)
        return self._poison(row, shape, key)

    def _alter(self, row: Row, shape: RowShape, key: int) -> None:
        name = _pick(tuple(shape.enums), key)
        if self._hit("unknown_enum", row):
            row.open()[name] = shape.enums[name]
            self._stats.note_altered(row.kind, row.ext_id, f"unknown_enum:{name}")
        name = _pick(shape.required, key >> 8)
        if self._hit("nulls", row):
            row.open()[name] = None
            self._stats.note_altered(row.kind, row.ext_id, f"nulls:{name}")
        name = _pick(shape.required, key >> 16)
        if self._hit("missing_fields", row):
            row.open().pop(name, None)
            self._stats.note_altered(row.kind, row.ext_id, f"missing_fields:{name}")
        if self._hit("extra_fields", row):
            extra = {"brand_new_field": {"nested": [1, "two", None]}, "another_ts": 1.5}
            row.open().update(extra)
            self._stats.note_altered(row.kind, row.ext_id, "extra_fields")

    def _hit(self, name: str, row: Row) -> bool:
        return self._faults.hits(name, row.kind, row.ext_id) is not None

    def _poison(self, row: Row, shape: RowShape, key: int) -> bytes:
        knob = self._faults.hits("poisoned_rows", row.kind, row.ext_id)
        if knob is None:
            return row.encode()
        names = [name for name in knob.words("kinds") or tuple(POISONS) if name in POISONS]
        if not shape.prices:
            names = [name for name in names if "price" not in name]
        if "markets" in row.open():  # a broken event must not swallow its markets
            names = [name for name in names if name != "not_an_object"]
        if not names:
            return row.encode()
        name = names[(key >> 24) % len(names)]
        self._stats.note_poisoned(row.kind, row.ext_id, name)
        return POISONS[name](shape, row.open(), key >> 32) or row.encode()
