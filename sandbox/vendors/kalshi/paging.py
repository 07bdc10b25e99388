"""Pages of a listing: opaque cursors bound to their filters, and everything wrong with them."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

import msgspec

from sandbox.faults.knobs import Faults
from sandbox.stats import Stats
from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.errors import bad_request
from sandbox.world.noise import key_of

Place = list[int | str]
T = TypeVar("T")
_FREE = frozenset({"cursor", "limit"})


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page begins; `flag` marks a page that a fault sends the client to."""

    filters: int
    place: Place | None
    flag: str = ""
    number: int = 0

    def text(self) -> str:
        """Return the opaque form."""
        return urlsafe_b64encode(msgspec.msgpack.encode(self)).decode().rstrip("=")

    def moved(self, place: Place | None, flag: str = "", number: int = 0) -> str:
        """Return the opaque form of another place under the same filters."""
        return Cursor(self.filters, place, flag, number).text()


class Listing(Protocol[T]):
    """Something that can be walked in a fixed order from any place on."""

    def entries(self, after: Place | None) -> Iterator[tuple[Place, T]]:
        """Yield items behind a place, each with its own place."""

    def ext_id(self, item: T) -> str:
        """Return the id of an item."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items of one page; `cursor` None goes out as null, `is_sent` False leaves it out."""

    items: list[T]
    cursor: str | None
    is_sent: bool = True


def read_cursor(ask: Ask) -> Cursor:
    """Decode the cursor of a request.

    Raises:
        Refusal: not a cursor of ours, or sent with other filters.
    """
    kept = sorted(pair for pair in ask.query if pair[0] not in _FREE)
    filters = key_of(ask.route, kept)
    text = ask.text("cursor")
    if not text:
        return Cursor(filters, None)
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        cursor = msgspec.msgpack.decode(raw, type=Cursor)
    except (ValueError, msgspec.MsgspecError):
        raise bad_request("invalid cursor", flat=ask.flat_errors) from None
    if cursor.filters != filters:
        raise bad_request("cursor does not match filters", flat=ask.flat_errors)
    return cursor


class Pager:
    """Cuts listings into pages and lets the page faults loose on them."""

    def __init__(self, seed: int, faults: Faults, stats: Stats) -> None:
        """Use one vendor's knobs."""
        self._seed, self._faults, self._stats = seed, faults, stats

    def page(self, ask: Ask, listing: Listing[T], limit: int) -> Page[T]:
        """Return the page a request asks for."""
        cursor = read_cursor(ask)
        if cursor.flag == "tail":
            return Page([], cursor.moved(cursor.place, "tail", cursor.number + 1))
        found = list(islice(self._entries(listing, cursor.place), limit + 1))
        items = [item for _, item in found[:limit]]
        if cursor.flag == "stuck":
            return Page(items, cursor.text())
        if len(found) > limit:
            return self._middle(ask, cursor, items, cursor.moved(found[limit - 1][0]))
        return self._end(ask, cursor, items)

    def _entries(self, listing: Listing[T], after: Place | None) -> Iterator[tuple[Place, T]]:
        if self._faults.active("reorder") is None:
            yield from listing.entries(after)
            return
        items = [item for _, item in listing.entries(None)]
        items.sort(key=lambda item: key_of(self._seed, "reorder", listing.ext_id(item)))
        for number in range(int(after[-1]) + 1 if after else 0, len(items)):
            yield [number], items[number]

    def _fires(self, ask: Ask, name: str, at: str | None = None) -> bool:
        """Decide about one fault; those with an `at` happen at the end unless it says middle."""
        knob = self._faults.active(name)
        if knob is None or (at is not None and knob.word("at", "end") != at):
            return False
        if self._faults.fires(name, ask.route) is None:
            return False
        self._stats.faults[name] += 1
        return True

    def _middle(self, ask: Ask, cursor: Cursor, items: list[T], after: str) -> Page[T]:
        if cursor.flag == "again":
            return Page(items, after)
        if self._fires(ask, "repeat_page"):
            return Page(items, cursor.moved(cursor.place, "again"))
        if self._fires(ask, "repeat_cursor", "middle"):
            return Page(items, cursor.moved(cursor.place, "stuck"))
        if self._fires(ask, "empty_page_with_cursor", "middle"):
            return Page([], cursor.moved(cursor.place, "again"))
        return Page(items, after)

    def _end(self, ask: Ask, cursor: Cursor, items: list[T]) -> Page[T]:
        if self._fires(ask, "repeat_cursor", "end"):
            return Page(items, cursor.moved(cursor.place, "stuck"))
        if self._fires(ask, "empty_page_with_cursor", "end"):
            return Page(items, cursor.moved(cursor.place, "tail"))
        if self._fires(ask, "null_cursor"):
            return Page(items, None)
        return Page(items, "", is_sent=not self._fires(ask, "absent_cursor"))
