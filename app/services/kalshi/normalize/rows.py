"""Rows as they come: what must be true of any of them, and what becomes of those that are not."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from pydantic import ValidationError

from app.domain.catalogue import Reject

Row = Mapping[str, object]
T = TypeVar("T")

RAW_LIMIT = 4096
_MAX_DEPTH = 24
_MAX_DIGITS = 40
_LARGEST = 10**_MAX_DIGITS
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL refuses both in text and jsonb
_EXACT_KEYS = re.compile(r"ticker$|_dollars$|_fp$|_time$|_ts$|_date$|_datetime$|^status$|^result$")


class UnreadableNumber:
    """A number token no decimal can hold (NaN, Infinity, 1e999999); costs the row it is in."""

    def __init__(self, token: str) -> None:
        self.token = token[:40]

    def __repr__(self) -> str:
        return self.token


def clean_row(row: object) -> Row:
    """Return the row as it can be stored, the same object when nothing was wrong.

    NUL characters and lone surrogates are taken out of free text.

    Raises:
        ValueError: not a JSON object, a number that cannot be kept, nested too deep,
            or a character that cannot be stored in a ticker, price, count, time or status.
    """
    if not isinstance(row, dict):
        raise ValueError(f"not an object but {type(row).__name__}")
    if not _needs_cleaning(row, _MAX_DEPTH):
        return row
    cleaned = {_UNSTORABLE.sub("", key): _cleaned(field) for key, field in row.items()}
    for key, field in row.items():
        if _EXACT_KEYS.search(key) and isinstance(field, str) and cleaned.get(key) != field:
            raise ValueError(f"{key}: character that cannot be stored")
    return cleaned


def _needs_cleaning(node: object, depth: int) -> bool:
    """Say whether any text below needs cleaning; refuse what cannot be kept."""
    if isinstance(node, dict):
        parts: Iterable[object] = node.values()
        found = _is_dirty("".join(node))
    elif isinstance(node, list):
        parts, found = node, False
    else:
        _check_number(node)
        return False
    if depth == 0:
        raise ValueError("nested too deep")
    for part in parts:
        if isinstance(part, str):  # nearly all of them, so no call for these
            found = found or "\x00" in part or (not part.isascii() and _is_dirty(part))
        elif part is not None and part is not True and part is not False:
            found = _needs_cleaning(part, depth - 1) or found
    return found


def _is_dirty(text: str) -> bool:
    return "\x00" in text or (not text.isascii() and _UNSTORABLE.search(text) is not None)


def _check_number(number: object) -> None:
    if isinstance(number, int):
        is_kept = -_LARGEST < number < _LARGEST
    elif isinstance(number, Decimal):
        is_kept = number.is_finite() and abs(number.adjusted()) < _MAX_DIGITS
    else:
        is_kept = False
    if not is_kept:
        raise ValueError(f"a number that cannot be kept: {str(number)[:40]}")


def _cleaned(node: object) -> object:
    if isinstance(node, str):
        return _UNSTORABLE.sub("", node)
    if isinstance(node, dict):
        return {_UNSTORABLE.sub("", key): _cleaned(part) for key, part in node.items()}
    if isinstance(node, list):
        return [_cleaned(part) for part in node]
    return node


class RowTranslator:
    """Translates rows one by one; those that cannot be read are kept in `rejects`."""

    def __init__(self) -> None:
        self.rejects: list[Reject] = []

    def translate(
        self,
        kind: str,
        row: object,
        to_ours: Callable[[Row], T],
        *,
        id_key: str = "ticker",
        ext_id: str | None = None,
    ) -> T | None:
        """Clean a row and translate it; None = it became a reject.

        Args:
            kind: what it should be (`market`).
            to_ours: raises `ValueError` for a row that is not what it should be.
            id_key: the field of the row with its id, for the reject.
            ext_id: that id, for rows which have none of their own.
        """
        try:
            return to_ours(clean_row(row))
        except ValueError as error:
            self.rejects.append(
                Reject(
                    source="kalshi",
                    kind=kind,
                    ext_id=ext_id or _id_of(row, id_key),
                    reason=_reason(error),
                    raw=_raw_text(row),
                )
            )
            return None


def _id_of(row: object, key: str) -> str | None:
    ext_id = row.get(key) if isinstance(row, dict) else None
    return _UNSTORABLE.sub("", ext_id)[:200] if isinstance(ext_id, str) else None


def _reason(error: ValueError) -> str:
    """Say in one line what was wrong, without a model's class name or a link."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"{where}: {first['msg']}"
    return _UNSTORABLE.sub("", " ".join(str(error).split()))[:300]


def _raw_text(row: object) -> str:
    try:
        return json.dumps(row, default=str)[:RAW_LIMIT]
    except (ValueError, TypeError, RecursionError):
        return "(cannot be printed)"
