"""Kalshi's lists page by page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.errors import PayloadInvalid, SourceUnavailable
from app.services.kalshi.client import Answer, Params
from app.services.kalshi.errors import SOURCE

MAX_PAGES = 5_000


class ListingIncomplete(SourceUnavailable):
    """A list ended in a way that leaves open whether more rows exist; those that came are true."""


class Reader(Protocol):
    """What can read one document (`KalshiClient`)."""

    async def get(self, path: str, params: Params) -> Answer:
        """Read one document."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one answer, not looked at yet."""

    rows: Sequence[object]
    asked_at: datetime


async def read_pages(
    reader: Reader, path: str, params: Params, *, key: str, max_pages: int = MAX_PAGES
) -> AsyncIterator[Page]:
    """Yield the pages of a list until its cursor is empty, null or absent.

    Args:
        key: field of the answer that holds the rows; null there is an empty page.

    Raises:
        ListingIncomplete: after the good pages, when the end was not the natural one
            (a cursor seen before, an empty page with a cursor, more than `max_pages`).
        PayloadInvalid: an answer without the list.
    """
    seen: set[str] = set()
    cursor = ""
    for _ in range(max_pages):
        answer = await reader.get(path, {**params, "cursor": cursor} if cursor else params)
        rows = _rows_of(answer, path, key)
        if rows:
            yield Page(rows, answer.asked_at)
        cursor = _cursor_of(answer, path)
        if not cursor:
            return
        if not rows:
            raise _incomplete(path, "an empty page with a cursor")
        if cursor in seen:
            raise _incomplete(path, "a cursor came twice")
        seen.add(cursor)
    raise _incomplete(path, f"more than {max_pages} pages")


def _rows_of(answer: Answer, path: str, key: str) -> Sequence[object]:
    rows = answer.document.get(key, "absent")
    if rows is None:
        return ()
    if not isinstance(rows, list):
        raise PayloadInvalid(SOURCE, f"GET {path} answered without a list of {key}")
    return rows


def _cursor_of(answer: Answer, path: str) -> str:
    cursor = answer.document.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise PayloadInvalid(SOURCE, f"GET {path} answered a cursor that is not text")
    return cursor or ""


def _incomplete(path: str, why: str) -> ListingIncomplete:
    return ListingIncomplete(SOURCE, f"listing incomplete: GET {path} gave {why}")
