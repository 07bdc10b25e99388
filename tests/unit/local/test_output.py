"""Lines and log files of supervised processes."""

import io
from pathlib import Path

import pytest

from local.output import MAX_LINE_BYTES, Lines, LogFile, Screen, last_line


def test_lines_are_cut_across_chunks() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntw") == ["one"]
    assert lines.feed(b"o\r\n\nthr") == ["two", ""]
    assert lines.feed("\xe9".encode("latin-1")) == []
    assert lines.end() == ["thr\ufffd"]
    assert lines.end() == []


def test_an_endless_line_is_cut() -> None:
    assert Lines().feed(b"x" * (MAX_LINE_BYTES + 1)) == ["x" * (MAX_LINE_BYTES + 1)]


def test_a_full_log_starts_again_and_keeps_one_part(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    log = LogFile(path, limit=10)
    for part in (b"first....\n", b"second...\n", b"third....\n"):
        log.write(part)
    log.close()
    assert path.read_bytes() == b"third....\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"second...\n"


def test_an_existing_log_is_continued(tmp_path: Path) -> None:
    for part in (b"one\n", b"two\n"):
        log = LogFile(tmp_path / "web.log")
        log.write(part)
        log.close()
    assert (tmp_path / "web.log").read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize(
    ("content", "last"),
    [("a\nb\n\n", "b"), ("x" * 5000 + "\nend", "end"), ("", "")],
    ids=["blank-end", "long", "empty"],
)
def test_last_line(tmp_path: Path, content: str, last: str) -> None:
    (tmp_path / "log").write_text(content)
    assert last_line(tmp_path / "log") == last
    assert last_line(tmp_path / "absent") == ""


def test_lines_carry_their_name_without_colour_in_a_file() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.line("web", "hello")
    screen.say("ready")
    assert stream.getvalue() == "web      | hello\nalpha: ready\n"
    assert screen.quiet_s < 5


def test_a_closed_terminal_is_no_error() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    stream.close()
    screen.say("nobody listens")
