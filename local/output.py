"""What processes print: one log file each, and their lines, named, on standard error."""

import os
import sys
import time
from pathlib import Path
from typing import BinaryIO, TextIO

from local.errors import LocalError

MAX_LOG_BYTES = 5_000_000
MAX_LINE_BYTES = 65_536

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


def open_log(path: Path) -> BinaryIO:
    """Open a log to continue it; only its owner may read it.

    Raises:
        LocalError: it belongs to another user, or the disk is full.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalError(
            f"{path} cannot be written ({error.strerror}): run as the user who made it, or set "
            "ALPHA_HOME to another folder."
        ) from error
    return os.fdopen(descriptor, "ab")


class LogFile:
    """A log of one process; at `limit` bytes it starts again, one older part is kept."""

    def __init__(self, path: Path, *, limit: int = MAX_LOG_BYTES) -> None:
        """Open or continue the file.

        Raises:
            LocalError: it cannot be written.
        """
        self._path = path
        self._limit = limit
        self._file = open_log(path)
        self._bytes = self._file.tell()

    def write(self, content: bytes) -> None:
        """Append; a full disk costs lines, never the process."""
        try:
            if self._bytes + len(content) > self._limit:
                self._rotate()
            self._file.write(content)
            self._file.flush()
            self._bytes += len(content)
        except (OSError, ValueError, LocalError):
            return

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        self._path.replace(self._path.with_name(self._path.name + ".1"))
        self._file = open_log(self._path)
        self._bytes = 0


class Screen:
    """Lines on standard error, each with the name of who says it; dim on a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_dim = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._spoke_at = time.monotonic()

    @property
    def quiet_s(self) -> float:
        """Seconds since the last line."""
        return time.monotonic() - self._spoke_at

    def line(self, name: str, text: str) -> None:
        """Print one line of process `name`."""
        line = f"{name:<8} | {text}"
        self._write(f"{_DIM}{line}{_PLAIN}" if self._is_dim else line)

    def say(self, text: str) -> None:
        """Print one line of our own."""
        self._write(f"alpha: {text}")

    def plain(self, text: str) -> None:
        """Print text as it is."""
        self._write(text)

    def _write(self, line: str) -> None:
        self._spoke_at = time.monotonic()
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return


class Lines:
    """Cuts a byte stream into text lines; an endless one is cut at 64 KiB."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """Return the lines completed by `chunk`."""
        *complete, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            complete, self._rest = [*complete, self._rest], b""
        return [line.decode("utf-8", "replace").rstrip("\r") for line in complete]

    def end(self) -> list[str]:
        """Return what is left without a line end."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "replace")] if rest else []


def last_line(path: Path) -> str:
    """Return the last line of a log, empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
