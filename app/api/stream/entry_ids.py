"""Ids of entries of a Redis stream: milliseconds and a number, in the order of the stream."""

import re
from typing import NamedTuple

_TEXT = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")


class EntryId(NamedTuple):
    """Where an entry lies; every replica reads the same stream, so ids mean the same to all."""

    ms: int
    number: int

    def __str__(self) -> str:
        return f"{self.ms}-{self.number}"


BEGINNING = EntryId(0, 0)


def parse_entry_id(text: str) -> EntryId | None:
    """Read an id as Redis writes it; None when it is none."""
    found = _TEXT.fullmatch(text)
    return EntryId(int(found[1]), int(found[2])) if found else None
