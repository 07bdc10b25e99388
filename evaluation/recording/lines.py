"""Files of JSON lines, read as a stream; a line that cannot be read costs itself."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar, cast

import msgspec

T = TypeVar("T")

MAX_LINE_BYTES = 64 * 1024 * 1024
_CUT = (EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(slots=True)
class LineCounts:
    """How the lines of one file fared; what was cut off by a crash is one unreadable line."""

    read: int = 0
    unreadable: int = 0


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading; `.gz` (or `.gz.part`) is unpacked on the way.

    Raises:
        OSError: it cannot be opened.
    """
    if ".gz" in path.suffixes[-2:]:
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


class LineFile(Generic[T]):
    """Lines of one kind.

    Attributes:
        counts: grows while lines are read.
    """

    def __init__(self, path: Path | None, kind: type[T]) -> None:
        """Prepare to read `path`; None = the file is missing, and there are no lines."""
        self.counts = LineCounts()
        self._path = path
        self._decode = msgspec.json.Decoder(kind).decode

    def __iter__(self) -> Iterator[T]:
        if self._path is None:
            return
        with open_binary(self._path) as file:
            for raw in self._raw_lines(file):
                try:
                    line = self._decode(raw)
                except (ValueError, RecursionError):  # DecodeError and ValidationError are these
                    self.counts.unreadable += 1
                    continue
                self.counts.read += 1
                yield line

    def _raw_lines(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield lines that are not blank, until the end or to where the file is broken."""
        is_rest = False  # of a line that is too long
        while True:
            try:
                raw = file.readline(MAX_LINE_BYTES)
            except _CUT:
                self.counts.unreadable += 1
                return
            if not raw:
                return
            is_whole = raw.endswith(b"\n") or len(raw) < MAX_LINE_BYTES
            if is_whole and not is_rest and not raw.isspace():
                yield raw
            elif not is_whole and not is_rest:
                self.counts.unreadable += 1
            is_rest = not is_whole
