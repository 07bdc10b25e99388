"""What the files of a recording hold, line by line; `docs/recordings.md` describes them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from app.domain.types import Exchange

VERSION = 1

Millis = Annotated[int, msgspec.Meta(ge=0, lt=7_258_118_400_000)]  # Unix, years 1970 to 2199
Aware = Annotated[datetime, msgspec.Meta(tz=True)]


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    """`meta.json`; `ended_at` is missing when the recorder was killed."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    began_at: Aware | None = None
    ended_at: Aware | None = None
    note: str = ""


class FrameLine(msgspec.Struct, frozen=True, gc=False):
    """A line of `frames.jsonl`: one message of a socket, as text in a string or as it was."""

    at_ms: Millis
    exchange: Exchange
    frame: msgspec.Raw

    def raw(self) -> bytes:
        """Return the message as the socket gave it.

        Raises:
            ValueError: the frame is neither an object nor a text.
        """
        held = bytes(self.frame)
        if held.startswith(b"{"):
            return held
        return msgspec.json.decode(held, type=str).encode()


class AnswerLine(msgspec.Struct, frozen=True):
    """A line of `answers.jsonl`: one answer to a request."""

    at_ms: Millis
    vendor: str
    method: str
    url: str
    status: int
    headers: Mapping[str, str] = {}
    body: str = ""


class SignalLine(msgspec.Struct, frozen=True):
    """A line of `signals.jsonl`: a fact in our words (`domain.signals.Signal`)."""

    source: str
    source_event_id: str
    kind: str
    source_at: Aware
    observed_at: Aware
    subjects: tuple[str, ...] = ()
    fact: Mapping[str, object] = {}
    fact_version: str = ""
    source_url: str | None = None


class Row(msgspec.Struct, frozen=True):
    """One entry of `catalogue.json`: the vendor's row verbatim, or a row in our words."""

    exchange: Exchange
    row: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    ours: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class CatalogueFile(msgspec.Struct, frozen=True):
    """`catalogue.json`: what was listed; `as_of` is when."""

    as_of: Aware | None = None
    series: tuple[Row, ...] = ()
    events: tuple[Row, ...] = ()
    markets: tuple[Row, ...] = ()
    links: tuple[msgspec.Raw, ...] = ()


def from_millis(at_ms: int) -> datetime:
    """Return Unix milliseconds as aware UTC."""
    return datetime.fromtimestamp(at_ms // 1_000, UTC).replace(microsecond=at_ms % 1_000 * 1_000)


def to_millis(at: datetime) -> int:
    """Return an aware time as Unix milliseconds."""
    return int(at.timestamp()) * 1_000 + at.microsecond // 1_000
