"""Reads recorded frames: JSON lines or one document, gzipped or not, in their order of play."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

BY_RECEIVED, BY_REPLAY = "recv_ms", "replay_ms"


class FramesError(ValueError):
    """A file cannot be replayed; the text is one clear line."""


class TickerFields(msgspec.Struct):
    """What is read of a recorded ticker; `ts` is in seconds, `ts_ms` missing in 2025."""

    market_ticker: str
    market_id: str = ""
    ts: int = 0
    ts_ms: int | None = None
    price_dollars: str = ""
    yes_bid_dollars: str = ""
    yes_ask_dollars: str = ""
    yes_bid_size_fp: str = ""
    yes_ask_size_fp: str = ""
    volume_fp: str = ""
    open_interest_fp: str = ""


class _Envelope(msgspec.Struct):
    type: str
    msg: msgspec.Raw = msgspec.Raw(b"null")


class _Row(msgspec.Struct):
    frame: msgspec.Raw = msgspec.Raw()
    payload: msgspec.Raw = msgspec.Raw()  # an example of the AsyncAPI document
    type: str | None = None  # the row is the frame
    recv_ms: int | None = None
    received_ms: int | None = None
    replay_ms: int | None = None


@dataclass(slots=True)
class RecordedFrame:
    """One frame; `fields` and `msg` (verbatim) of a ticker only. `due_ms` counts from the start."""

    raw: bytes
    kind: str
    due_ms: int = 0
    msg: bytes = b""
    fields: TickerFields | None = None


def _rows(path: Path) -> list[bytes]:
    """Return the rows of a file: lines, a list, `frames` of a document, or its examples."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" in path.name:
        return [line for line in raw.splitlines() if line.strip()]
    if raw.lstrip()[:1] == b"[":
        return [bytes(row) for row in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    document = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    lists = [document["frames"]] if "frames" in document else list(document.values())
    return [
        bytes(row) for rows in lists for row in msgspec.json.decode(rows, type=list[msgspec.Raw])
    ]


def _frame(raw: bytes) -> RecordedFrame | None:
    """Return a frame of the server; commands and empty pings are none."""
    try:
        envelope = msgspec.json.decode(raw, type=_Envelope)
    except msgspec.DecodeError:
        return None
    found = RecordedFrame(raw, envelope.type)
    if envelope.type == "ticker":
        found.msg = bytes(envelope.msg)
        found.fields = msgspec.json.decode(found.msg, type=TickerFields)
    return found


def _subject(found: RecordedFrame) -> str:
    return found.fields.market_ticker if found.fields else ""


def _shifts(timed: Sequence[tuple[RecordedFrame, _Row]]) -> dict[str, int]:
    """Return how far each market moves when it is played by `replay_ms`.

    That is one number per market, so its frames keep their order: those behind the end of
    the period (small `replay_ms`) stay behind.
    """
    votes: dict[str, Counter[int]] = {}
    for found, row in timed:
        if row.replay_ms is not None and row.recv_ms is not None:
            shift = row.recv_ms - row.replay_ms
            votes.setdefault(_subject(found), Counter())[shift] += 1
    return {subject: counts.most_common(1)[0][0] for subject, counts in votes.items()}


def _schedule(timed: Sequence[tuple[RecordedFrame, _Row]], by: str) -> None:
    """Give every frame its time from the start of the file, per market never backwards."""
    shifts = _shifts(timed) if by == BY_REPLAY else {}
    newest: dict[str, int] = {}
    last = 0
    for found, row in timed:
        subject = _subject(found)
        at_ms = row.received_ms if row.recv_ms is None else row.recv_ms
        last = last if at_ms is None else at_ms - shifts.get(subject, 0)
        found.due_ms = newest[subject] = max(last, newest.get(subject, last))
    begin = min(found.due_ms for found, _ in timed)
    for found, _ in timed:
        found.due_ms -= begin


def _read(path: Path, by: str) -> list[RecordedFrame]:
    timed: list[tuple[RecordedFrame, _Row]] = []
    try:
        for raw in _rows(path):
            row = msgspec.json.decode(raw, type=_Row)
            found = _frame(bytes(row.frame) or bytes(row.payload) or raw)
            if found is not None:
                timed.append((found, row))
    except OSError as error:
        raise FramesError(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, EOFError) as error:
        raise FramesError(f"{path}: not recorded frames: {error}") from error
    if not timed:
        raise FramesError(f"{path}: there are no frames in it")
    _schedule(timed, by)
    return [found for found, _ in timed]


def read_frames(paths: Sequence[Path], by: str) -> list[RecordedFrame]:
    """Read files that all begin at the same moment; return their frames in order of play.

    Raises:
        FramesError: with one line that says what is wrong.
    """
    if by not in (BY_RECEIVED, BY_REPLAY):
        raise FramesError(f"frames are played by {BY_RECEIVED} or {BY_REPLAY}, not {by!r}")
    frames = [found for path in paths for found in _read(path, by)]
    if not frames:
        raise FramesError("no file to replay")
    return sorted(frames, key=lambda found: found.due_ms)
