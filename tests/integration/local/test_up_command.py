"""`alpha up` as a whole: it fills the catalogue, survives kill -9 of a process, and reports."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.home import REPOSITORY
from local.state import read_state

PROMISE_S = 15
Up = subprocess.Popen[str]


@pytest.fixture
def up(home_path: Path) -> Iterator[Callable[..., Up]]:
    """Start `alpha up` in a data folder of its own."""
    started: list[Up] = []
    taken_away = {"DATABASE_URL": "", "REDIS_URL": "", "ENVIRONMENT": "development"}
    env = {**os.environ, **taken_away, "PYTHONPATH": str(REPOSITORY)}

    def up(*arguments: str, **settings: str) -> Up:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up", "--port", "0", *arguments],
            cwd="/",
            env={**env, "ALPHA_HOME": str(home_path.with_name("up")), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield up
    for process in started:
        process.kill()
        process.communicate()


def wait_for_line(process: Up, text: str, within_s: float) -> None:
    assert process.stderr is not None
    end, said = time.monotonic() + within_s, []
    for line in process.stderr:
        said.append(line)
        if text in line:
            return
        assert time.monotonic() < end, "".join(said)
    pytest.fail("it ended early: " + "".join(said))


def process_of(home: Path, name: str) -> int:
    state = read_state(home / "run.json")
    return state.processes[name].pid if state and name in state.processes else 0


def test_up_fills_the_catalogue_and_survives_a_kill(up: Callable[..., Up], home_path: Path) -> None:
    process = up("--json")
    home = home_path.with_name("up")
    wait_for_line(process, "Alpha is ready", 60)

    killed = process_of(home, "web")
    os.kill(killed, signal.SIGKILL)
    end = time.monotonic() + PROMISE_S
    while process_of(home, "web") in {0, killed}:
        assert time.monotonic() < end, "web is not back"
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)

    summary: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert process.returncode == 0, err
    assert summary["events_synced"] > 0
    assert summary["markets_synced"] > summary["events_synced"]
    assert summary["restarts"] == 1
    assert not (home / "run.json").exists()


def test_up_says_what_does_not_answer(up: Callable[..., Up]) -> None:
    process = up("--json", DATABASE_URL="postgresql://u:hunter2@127.0.0.1:1/x")
    out, err = process.communicate(timeout=30)

    assert process.returncode == 1
    assert err.splitlines()[-1].startswith("alpha: The database does not answer: 127.0.0.1:1")
    assert json.loads(out.splitlines()[-1])["ok"] is False
    assert "hunter2" not in out + err
