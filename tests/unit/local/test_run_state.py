"""run.json: written whole, read safely, and honest about processes that are gone."""

import os
import subprocess
from pathlib import Path

import pytest

from local.processes import is_same, start_mark
from local.state import (
    UP,
    Running,
    RunState,
    clear_state,
    own_state,
    read_state,
    running_now,
    write_state,
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    state = RunState(
        kind=UP,
        owner=Running(1, "a"),
        database_url="postgresql://x",
        redis_url="unix:///y",
        web_url="http://127.0.0.1:8000",
        processes={"web": Running(2, "b")},
    )

    write_state(path, state)

    assert read_state(path) == state
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"kind": "up", "owner": 3}', "\ufffd\x00"]
)
def test_a_broken_file_is_no_state(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)
    assert read_state(path) is None


def test_clearing_twice_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_state(path, own_state(UP))
    clear_state(path)
    clear_state(path)
    assert read_state(path) is None


def test_a_live_process_is_recognised_and_a_dead_one_is_not() -> None:
    with subprocess.Popen(["sleep", "30"]) as process:
        running = running_now(process.pid)
        assert running is not None
        alive_before = running.is_alive
        process.kill()
    assert (alive_before, running.is_alive) == (True, False)
    assert start_mark(process.pid) is None


def test_a_pid_used_again_is_another_process() -> None:
    assert is_same(os.getpid(), own_state(UP).owner.mark)
    assert not is_same(os.getpid(), "an earlier start")


def test_a_process_that_is_gone_is_not_added() -> None:
    with subprocess.Popen(["true"]) as process:
        pass
    state = own_state(UP)
    assert state.with_process("web", process.pid) is state
    assert state.with_process("web", os.getpid()).processes["web"].pid == os.getpid()
