"""A recording's folder: which of its files are there, and what they hold."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from pydantic import ValidationError

from app.core.errors import OperatorError
from app.models.demo import DemoPage, DemoPerson
from evaluation.recording.lines import LineFile, open_binary
from evaluation.recording.shapes import (
    VERSION,
    AnswerLine,
    CatalogueFile,
    FrameLine,
    Meta,
    SignalLine,
)

META, CATALOGUE, PEOPLE = "meta.json", "catalogue.json", "people.json"
FRAMES, ANSWERS, SIGNALS = "frames.jsonl", "answers.jsonl", "signals.jsonl"
PART = ".part"  # a file that is being written, or whose writer was killed
_SPELLINGS = ("", ".gz", PART, f".gz{PART}")

T = TypeVar("T")


class RecordingInvalid(OperatorError):
    """A folder that is no recording, in one sentence."""


class Recording:
    """An existing folder; lines are read as a stream, and as often as asked for."""

    def __init__(
        self, path: Path, *, catalogue: Path | None = None, people: Path | None = None
    ) -> None:
        """Open a folder.

        Args:
            catalogue, people: files to read in place of the folder's own.

        Raises:
            RecordingInvalid: there is no readable `meta.json`, or one of a newer version.
        """
        self.path = path
        self._instead = {CATALOGUE: catalogue, PEOPLE: people}
        found = self._read(META, Meta)
        if found is None:
            raise RecordingInvalid(f"{path} is no recording: it has no {META}.")
        if found.version > VERSION:
            raise RecordingInvalid(f"{path} has version {found.version}; we read up to {VERSION}.")
        self.meta = found

    def frames(self) -> LineFile[FrameLine]:
        """Return what the sockets sent."""
        return LineFile(self._find(FRAMES), FrameLine)

    def answers(self) -> LineFile[AnswerLine]:
        """Return what requests were answered."""
        return LineFile(self._find(ANSWERS), AnswerLine)

    def signals(self) -> LineFile[SignalLine]:
        """Return facts in our words."""
        return LineFile(self._find(SIGNALS), SignalLine)

    def catalogue(self) -> CatalogueFile | None:
        """Return the catalogue; None = there is none.

        Raises:
            RecordingInvalid: it cannot be read.
        """
        return self._read(CATALOGUE, CatalogueFile)

    def people(self) -> Sequence[DemoPerson] | None:
        """Return who holds and follows what; None = there is no file.

        Raises:
            RecordingInvalid: it cannot be read.
        """
        found = self._read(PEOPLE, msgspec.Raw)
        if found is None:
            return None
        try:
            return DemoPage.model_validate_json(bytes(found)).people
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise RecordingInvalid(f"people of {self.path}: {where}: {first['msg']}.") from error

    def _find(self, name: str) -> Path | None:
        paths = (self.path / f"{name}{spelling}" for spelling in _SPELLINGS)
        return next((path for path in paths if path.is_file()), None)

    def _read(self, name: str, kind: type[T]) -> T | None:
        path = self._instead.get(name) or self._find(name)
        if path is None:
            return None
        try:
            with open_binary(path) as file:
                return msgspec.json.decode(file.read(), type=kind)
        except (OSError, EOFError, ValueError, RecursionError) as error:
            raise RecordingInvalid(f"{path} cannot be read: {error}.") from error
