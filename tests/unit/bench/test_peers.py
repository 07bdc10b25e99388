"""A peer is skipped by name, or named wrongly and said so."""

import sys

import pytest

from bench.contest import BenchError
from bench.interpreter import VARIABLE, find_interpreter
from bench.ticks.peers import CRYPTOFEED


async def test_no_interpreter_named_is_no_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert await find_interpreter(*CRYPTOFEED) is None


@pytest.mark.parametrize(
    ("named", "complaint"),
    [("/nowhere/python", "names no interpreter"), (sys.executable, "without cryptofeed")],
    ids=["not-there", "without-it"],
)
async def test_a_wrong_interpreter_is_one_line(
    monkeypatch: pytest.MonkeyPatch, named: str, complaint: str
) -> None:
    monkeypatch.setenv(VARIABLE, named)
    with pytest.raises(BenchError, match=complaint):
        await find_interpreter(*CRYPTOFEED)
