"""Lines of several files in one order of time."""

from datetime import UTC, datetime
from pathlib import Path

from app.domain.types import Exchange
from evaluation.recording.folder import Recording
from evaluation.recording.shapes import AnswerLine, FrameLine, SignalLine
from evaluation.recording.writer import RecordingWriter
from evaluation.replay.moments import Moments


def test_files_are_merged_by_time_and_nothing_goes_back(tmp_path: Path) -> None:
    at = datetime(1970, 1, 1, 0, 0, 3, tzinfo=UTC)
    writer = RecordingWriter(tmp_path, began_at=None)
    for at_ms in (1_000, 5_000, 4_000, 6_000):
        writer.add_frame(at_ms, Exchange.KALSHI, b"{}")
    writer.add_answer(AnswerLine(5_000, "kalshi", "GET", "http://x/events", 200))
    writer.add_signal(SignalLine("nba", "1", "injury", at, at))
    writer.finish(ended_at=None)
    moments = Moments(Recording(tmp_path))
    played = [(moment.at_ms, type(moment.line)) for moment in moments]
    assert played == [
        (1_000, FrameLine),
        (3_000, SignalLine),
        (5_000, AnswerLine),
        (5_000, FrameLine),
        (5_000, FrameLine),
        (6_000, FrameLine),
    ]
    assert moments.backwards == 1
    assert moments.counts["frames"].read == 4


def test_a_wrong_clock_takes_nobody_along(tmp_path: Path) -> None:
    began_at = datetime(2026, 3, 3, tzinfo=UTC)
    at_ms = 1_772_496_000_000
    writer = RecordingWriter(tmp_path, began_at=began_at)
    for off_ms in (0, 86_400_001 + 2_000, 1_000, -86_400_001, 2_000):
        writer.add_frame(at_ms + off_ms, Exchange.KALSHI, b"{}")
    writer.finish(ended_at=datetime(2026, 3, 3, 0, 0, 2, tzinfo=UTC))
    moments = Moments(Recording(tmp_path))
    assert [moment.at_ms - at_ms for moment in moments] == [0, 1_000, 2_000]
    assert moments.outside == 2
