"""Writing a recording so that a kill at any moment leaves one that can be read."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from app.domain.types import Exchange
from evaluation.recording.folder import (
    ANSWERS,
    CATALOGUE,
    FRAMES,
    META,
    PART,
    SIGNALS,
    RecordingInvalid,
)
from evaluation.recording.secrets import safe_headers, safe_url
from evaluation.recording.shapes import VERSION, AnswerLine, Meta, SignalLine

_encode = msgspec.json.Encoder().encode
_check = msgspec.json.Decoder(msgspec.Raw).decode

Text = bytes | bytearray | memoryview


class RecordingWriter:
    """Writes a new folder; lines go to `.part` files, which get their names at the end.

    Attributes:
        path: the folder.
        frames, answers, signals: lines written so far.
    """

    def __init__(self, path: Path, *, began_at: datetime | None, note: str = "") -> None:
        """Make the folder and its `meta.json`.

        Raises:
            RecordingInvalid: it holds something already, or cannot be written.
        """
        self.path = path
        self.frames = self.answers = self.signals = 0
        self._meta = Meta(VERSION, began_at, None, note)
        self._files: dict[str, BinaryIO] = {}
        try:
            path.mkdir(parents=True, exist_ok=True)
            is_empty = not any(path.iterdir())
        except OSError as error:
            raise RecordingInvalid(f"{path} cannot be written: {error.strerror}.") from error
        if not is_empty:
            raise RecordingInvalid(f"{path} is not empty: a recording needs a folder of its own.")
        self._write_whole(META, _encode(self._meta))

    def add_frame(self, at_ms: int, exchange: Exchange, raw: Text) -> None:
        """Write one message of a socket: verbatim when it is one line of JSON, else as text."""
        text = bytes(raw)
        held = text if _is_object(text) else _encode(text.decode("utf-8", "replace"))
        head = f'{{"at_ms":{at_ms},"exchange":"{exchange}","frame":'.encode()
        self._open(FRAMES).write(head + held + b"}\n")
        self.frames += 1

    def add_answer(self, answer: AnswerLine) -> None:
        """Write one answer, without anything that could be a secret."""
        safe = msgspec.structs.replace(
            answer, url=safe_url(answer.url), headers=safe_headers(answer.headers)
        )
        self._open(ANSWERS).write(_encode(safe) + b"\n")
        self.answers += 1

    def add_signal(self, signal: SignalLine) -> None:
        """Write one fact."""
        self._open(SIGNALS).write(_encode(signal) + b"\n")
        self.signals += 1

    def write_catalogue(self, catalogue: Mapping[str, object]) -> None:
        """Write or replace `catalogue.json`, in one step."""
        self._write_whole(CATALOGUE, _encode(catalogue))

    def flush(self) -> None:
        """Hand what was written to the system: a kill costs nothing before this."""
        for file in self._files.values():
            file.flush()

    def finish(self, *, ended_at: datetime | None) -> None:
        """Give the files their names and say when the recording ended."""
        for name, file in self._files.items():
            file.flush()
            os.fsync(file.fileno())
            file.close()
            (self.path / f"{name}{PART}").replace(self.path / name)
        self._files.clear()
        self._write_whole(META, _encode(msgspec.structs.replace(self._meta, ended_at=ended_at)))

    def discard(self) -> None:
        """Take the folder's `meta.json` back: nothing was recorded, and it may be used again."""
        (self.path / META).unlink(missing_ok=True)

    def _open(self, name: str) -> BinaryIO:
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = (self.path / f"{name}{PART}").open("wb", 1 << 20)
        return file

    def _write_whole(self, name: str, content: bytes) -> None:
        draft = self.path / f"{name}{PART}"
        draft.write_bytes(content + b"\n")
        draft.replace(self.path / name)


def _is_object(text: bytes) -> bool:
    """Whether a text can stand in a line as it is."""
    if not text.startswith(b"{") or b"\n" in text or b"\r" in text:
        return False
    try:
        _check(text)
        text.decode()
    except (ValueError, RecursionError):
        return False
    return True
