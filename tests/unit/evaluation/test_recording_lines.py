"""Lines of a recording: what can be read is, what cannot is counted, nothing is fatal."""

import gzip
from pathlib import Path

import pytest

from app.domain.types import Exchange
from evaluation.recording import lines
from evaluation.recording.lines import LineFile
from evaluation.recording.shapes import FrameLine, from_millis, to_millis

GOOD = b'{"at_ms":1000,"exchange":"kalshi","frame":{"type":"ok"}}\n'
LATER = b'{"at_ms":2000,"exchange":"kalshi","frame":"{\\"type\\":\\"ok\\"}"}\n'


def read(path: Path) -> tuple[list[FrameLine], LineFile[FrameLine]]:
    file = LineFile(path, FrameLine)
    return list(file), file


@pytest.mark.parametrize(
    ("content", "read_lines", "unreadable"),
    [
        pytest.param(GOOD + LATER, 2, 0, id="object-and-text"),
        pytest.param(GOOD + b"not json\n" + LATER, 2, 1, id="garbage"),
        pytest.param(GOOD + b'{"at_ms":-1,"exchange":"kalshi","frame":{}}\n', 1, 1, id="time"),
        pytest.param(GOOD + b'{"at_ms":1,"exchange":"nowhere","frame":{}}\n', 1, 1, id="exchange"),
        pytest.param(GOOD + b'{"at_ms":1,"exchange":"kalshi"}\n', 1, 1, id="no-frame"),
        pytest.param(GOOD + b"\xff\xfe\n" + LATER, 2, 1, id="not-utf-8"),
        pytest.param(GOOD + b"\n \n" + LATER, 2, 0, id="blank"),
        pytest.param(GOOD + b"[" * 100_000 + b"\n" + LATER, 2, 1, id="too-deep"),
        pytest.param(GOOD + LATER[:30], 1, 1, id="cut-off-by-a-kill"),
        pytest.param(GOOD + LATER[:-1], 2, 0, id="no-newline-at-the-end"),
        pytest.param(b"", 0, 0, id="empty"),
    ],
)
def test_a_bad_line_costs_itself(
    tmp_path: Path, content: bytes, read_lines: int, unreadable: int
) -> None:
    path = tmp_path / "frames.jsonl"
    path.write_bytes(content)
    found, file = read(path)
    assert len(found) == file.counts.read == read_lines
    assert file.counts.unreadable == unreadable


def test_both_spellings_of_a_frame_mean_the_same(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    path.write_bytes(GOOD + LATER)
    found, _ = read(path)
    assert [line.raw() for line in found] == [b'{"type":"ok"}', b'{"type":"ok"}']
    assert {line.exchange for line in found} == {Exchange.KALSHI}


def test_a_frame_that_is_neither_object_nor_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    path.write_bytes(b'{"at_ms":1,"exchange":"kalshi","frame":[1]}\n')
    found, _ = read(path)
    with pytest.raises(ValueError, match="str"):
        found[0].raw()


def test_packed_lines_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl.gz"
    path.write_bytes(gzip.compress(GOOD + LATER))
    found, file = read(path)
    assert (len(found), file.counts.unreadable) == (2, 0)


def test_a_packed_file_cut_off_gives_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl.gz"
    packed = gzip.compress(GOOD * 50_000, compresslevel=0)
    path.write_bytes(packed[: len(packed) // 2])
    found, file = read(path)
    assert 0 < len(found) < 50_000
    assert file.counts.unreadable == 1


def test_a_line_too_long_to_hold_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 200)
    path = tmp_path / "frames.jsonl"
    path.write_bytes(GOOD + b"x" * 1_000 + b"\n" + LATER)
    found, file = read(path)
    assert [line.at_ms for line in found] == [1000, 2000]
    assert file.counts.unreadable == 1


def test_a_missing_file_has_no_lines() -> None:
    assert list(LineFile(None, FrameLine)) == []


def test_times_survive_the_way_there_and_back() -> None:
    assert to_millis(from_millis(1_778_475_779_736)) == 1_778_475_779_736
