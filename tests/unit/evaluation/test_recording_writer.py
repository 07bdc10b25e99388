"""A recording as it is written: verbatim, readable after a kill, without secrets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.types import Exchange
from evaluation.recording.folder import Recording, RecordingInvalid
from evaluation.recording.shapes import AnswerLine, SignalLine
from evaluation.recording.writer import RecordingWriter

NOW = datetime(2026, 5, 11, 5, tzinfo=UTC)


@pytest.fixture
def writer(tmp_path: Path) -> RecordingWriter:
    return RecordingWriter(tmp_path / "recording", began_at=NOW, note="a test")


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b'{"type":"ticker","msg":{"price_dollars":"0.5100","n":1.10}}', id="object"),
        pytest.param(b'{"type": "ticker",\n "msg": {}}', id="two-lines"),
        pytest.param(b'{"a":1}{"b":2}', id="two-objects"),
        pytest.param(b"[1,2]", id="list"),
        pytest.param(b'"text"', id="a-text"),
        pytest.param(b"<html>busy</html>", id="html"),
        pytest.param('{"name":"Dončić"}'.encode(), id="other-letters"),
        pytest.param(b'{"cut":', id="cut-off"),
        pytest.param(b"", id="empty"),
    ],
)
def test_frames_come_back_byte_by_byte(writer: RecordingWriter, frame: bytes) -> None:
    writer.add_frame(7, Exchange.KALSHI, memoryview(frame))
    writer.finish(ended_at=NOW)
    (line,) = Recording(writer.path).frames()
    assert (line.at_ms, line.raw()) == (7, frame)


def test_a_killed_recording_is_read_from_its_parts(writer: RecordingWriter) -> None:
    writer.add_frame(1, Exchange.KALSHI, b'{"a":1}')
    writer.add_signal(SignalLine("espn", "1", "injury", NOW, NOW))
    writer.flush()
    with (writer.path / "frames.jsonl.part").open("ab") as file:
        file.write(b'{"at_ms":2,"exch')
    recording = Recording(writer.path)
    frames = recording.frames()
    assert [line.at_ms for line in frames] == [1]
    assert frames.counts.unreadable == 1
    assert [line.source for line in recording.signals()] == ["espn"]
    assert recording.meta.ended_at is None
    writer.finish(ended_at=None)


def test_a_finished_recording_has_no_parts(writer: RecordingWriter) -> None:
    writer.add_frame(1, Exchange.KALSHI, b"{}")
    writer.write_catalogue({"series": [], "events": [], "markets": []})
    writer.finish(ended_at=NOW)
    names = sorted(path.name for path in writer.path.iterdir())
    assert names == ["catalogue.json", "frames.jsonl", "meta.json"]
    assert Recording(writer.path).meta.ended_at == NOW


def test_secrets_are_not_written(writer: RecordingWriter) -> None:
    headers = {
        "KALSHI-ACCESS-KEY": "sesame-1",
        "Authorization": "Bearer sesame-2",
        "Set-Cookie": "session=sesame-3",
        "X-Api-Key": "sesame-4",
        "Content-Type": "application/json",
        "X-RateLimit-Remaining": "9",
    }
    url = "https://me:sesame-5@example.test/events?apiKey=sesame-6&status=open&access_token=sesame"
    writer.add_answer(AnswerLine(1, "kalshi", "GET", url, 200, headers, "{}"))
    writer.finish(ended_at=NOW)
    written = "".join(path.read_text() for path in writer.path.iterdir())
    assert "sesame" not in written
    (answer,) = Recording(writer.path).answers()
    assert answer.headers == {"content-type": "application/json", "x-ratelimit-remaining": "9"}
    assert answer.url.startswith("https://example.test/events?")
    assert "status=open" in answer.url


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(RecordingInvalid, match="not empty"):
        RecordingWriter(tmp_path, began_at=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(None, "has no meta.json", id="missing"),
        pytest.param("nonsense", "cannot be read", id="not-json"),
        pytest.param('{"note":"?"}', "cannot be read", id="no-version"),
        pytest.param('{"version":99}', "version 99", id="newer"),
        pytest.param(
            '{"version":1,"began_at":"2026-01-01T00:00:00"}', "cannot be read", id="no-zone"
        ),
    ],
)
def test_what_is_no_recording_says_so(tmp_path: Path, content: str | None, complaint: str) -> None:
    if content is not None:
        (tmp_path / "meta.json").write_text(content)
    with pytest.raises(RecordingInvalid, match=complaint):
        Recording(tmp_path)


def test_all_but_meta_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text('{"version":1}')
    recording = Recording(tmp_path)
    assert not [*recording.frames(), *recording.answers(), *recording.signals()]
    assert recording.catalogue() is None
    assert recording.people() is None
