"""Rows of every recording, found by their shape, decoded by the reader a test chooses."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Decode = Callable[[bytes], Any]


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield file name and bytes of every recorded document; a `.jsonl` holds one per line."""
    for path in sorted(folder.iterdir()):
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        parts = body.splitlines() if ".jsonl" in path.name else [body]
        yield from ((path.name, part) for part in parts)


def is_market(node: Row) -> bool:
    return "ticker" in node and "event_ticker" in node and "yes_sub_title" in node


def is_event(node: Row) -> bool:
    return "event_ticker" in node and "series_ticker" in node and "title" in node


def is_series(node: Row) -> bool:
    return "ticker" in node and "contract_url" in node


def is_candle(node: Row) -> bool:
    return "end_period_ts" in node


def is_book(node: Row) -> bool:
    return isinstance(node.get("orderbook_fp"), dict)


def find(node: Any, is_wanted: Callable[[Row], bool]) -> Iterator[Row]:
    """Yield every object below `node` that is wanted, in order."""
    if isinstance(node, dict):
        if is_wanted(node):
            yield node
        for part in node.values():
            yield from find(part, is_wanted)
    elif isinstance(node, list):
        for part in node:
            yield from find(part, is_wanted)


def rows(folder: Path, is_wanted: Callable[[Row], bool], decode: Decode) -> list[Row]:
    """Return every wanted row of every file of a folder."""
    return [row for _, body in documents(folder) for row in find(decode(body), is_wanted)]
