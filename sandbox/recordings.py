"""Recordings: real payloads served as they are, found through a manifest."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

MANIFEST = "manifest.json"


class ManifestError(ValueError):
    """The manifest or a file it names cannot be used; the text is one clear line."""


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    route: str
    file: str
    unwrap: str = "$"
    wrap: str | None = None
    single_by: str | None = None
    query: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one manifest entry serves: raw JSON values, as many as the unwrap rule found."""

    method: str
    path: str
    query: Mapping[str, str]
    wrap: str | None
    single_by: str | None
    values: tuple[bytes, ...]

    def answers(self, query: Mapping[str, str]) -> bool:
        """Say whether a request has all the parameters this entry asks for."""
        return all(query.get(key) == value for key, value in self.query.items())


def _read(path: Path) -> bytes:
    """Return a file as one JSON value; JSON lines become `{"lines": [...]}`."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" not in path.name:
        return raw
    lines = [line for line in raw.splitlines() if line.strip()]
    return b'{"lines":[%s]}' % b",".join(lines)


def _children(value: bytes, segment: str) -> list[bytes]:
    """Return what a segment selects: `*` everything, a number an item, else a key."""
    if value.lstrip()[:1] == b"[":
        items = msgspec.json.decode(value, type=list[msgspec.Raw])
        if segment == "*":
            return [bytes(item) for item in items]
        wanted = int(segment) if segment.isdecimal() else len(items)
        return [bytes(items[wanted])] if wanted < len(items) else []
    if value.lstrip()[:1] != b"{":
        return []
    fields = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
    if segment == "*":
        return [bytes(item) for item in fields.values()]
    return [bytes(fields[segment])] if segment in fields else []


def unwrap(value: bytes, rule: str, *, rows: bool) -> tuple[bytes, ...]:
    """Select values by a dotted path; with `rows`, lists at its end are flattened.

    The bytes are those of the file: numbers keep their text, objects their order.
    """
    values = [value]
    for segment in rule.split("."):
        if segment not in ("$", ""):
            values = [child for parent in values for child in _children(parent, segment)]
    if not rows:
        return tuple(values)
    flat: list[bytes] = []
    for found in values:
        flat += _children(found, "*") if found.lstrip()[:1] == b"[" else [found]
    return tuple(flat)


def _load(folder: Path, number: int, entry: _Entry) -> Recorded:
    where = f"{folder / MANIFEST}: entry {number}"
    method, _, path = entry.route.partition(" ")
    if method != "GET" or not path.startswith("/"):
        raise ManifestError(f"{where}: route must look like 'GET /path', not {entry.route!r}")
    try:
        values = unwrap(_read(folder / entry.file), entry.unwrap, rows=entry.wrap is not None)
    except OSError as error:
        raise ManifestError(f"{where}: cannot read {entry.file}: {error.strerror}") from error
    except (msgspec.DecodeError, EOFError) as error:
        raise ManifestError(f"{where}: {entry.file} is not the JSON it should be") from error
    if not values:
        raise ManifestError(f"{where}: {entry.unwrap!r} finds nothing in {entry.file}")
    return Recorded(method, path, entry.query, entry.wrap, entry.single_by, values)


def load_recordings(folder: Path) -> tuple[Recorded, ...]:
    """Read a folder's manifest and every file it names.

    Raises:
        ManifestError: with one line that says what is wrong.
    """
    path = folder / MANIFEST
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[_Entry])
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise ManifestError(f"{path}: {error}") from error
    return tuple(_load(folder, number, entry) for number, entry in enumerate(entries))
