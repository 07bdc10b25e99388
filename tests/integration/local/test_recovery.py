"""After kill -9 of the supervisor: nothing outlives it, and the next start goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.home import open_home
from local.lock import release
from local.ownership import take_for_up
from local.processes import working_in
from local.recovery import recover
from local.resolve import prepare_services
from local.state import UP, Running, own_state, read_state, running_now, write_state

Query = Callable[..., Awaitable[object]]
Script = Callable[..., subprocess.Popen[str]]


def started(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    found: dict[str, Any] = json.loads(line)
    return found


def wait_until(condition: Callable[[], bool], within_s: float = 10) -> float:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < within_s, "it did not come true"
        time.sleep(0.02)
    return time.monotonic() - begun


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
async def test_a_killed_supervisor_takes_everything_along(
    home_path: Path, script: Script, query: Query
) -> None:
    first = script("supervise.py", home_path)
    running = started(first)
    await query(running["DATABASE_URL"], "CREATE TABLE witnesses AS SELECT 5 AS figure")

    first.kill()
    wait_until(lambda: not any(map(psutil.pid_exists, running["pids"].values())))
    wait_until(lambda: not working_in(home_path / "postgres", "postgres"))

    again = script("supervise.py", home_path)
    running = started(again)
    assert await query(running["DATABASE_URL"], "SELECT figure FROM witnesses") == 5
    await query(running["DATABASE_URL"], "DROP TABLE witnesses")
    again.send_signal(signal.SIGTERM)
    assert again.wait(10) == 0
    assert not (home_path / "run.json").exists()


async def test_a_start_right_after_a_kill_waits_for_the_dying(
    home_path: Path, script: Script, query: Query
) -> None:
    for _ in range(3):
        process = script("supervise.py", home_path)
        running = started(process)
        assert await query(running["DATABASE_URL"], "SELECT 1") == 1
        process.kill()


def test_a_second_start_is_refused_with_the_pid(home_path: Path, script: Script) -> None:
    first = script("supervise.py", home_path)
    started(first)
    _, said = script("supervise.py", home_path).communicate(timeout=20)
    assert said.splitlines()[-1].startswith(
        f"alpha: Alpha is already running in this folder (pid {first.pid}): stop it first"
    )


def test_a_command_joins_a_running_supervisor(home_path: Path, script: Script) -> None:
    running = started(script("supervise.py", home_path))
    out, err = script("guest.py", home_path, 0).communicate(timeout=20)
    assert out.splitlines() == [running["DATABASE_URL"], "42"], err


def test_leftovers_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    with (
        subprocess.Popen(["sleep", "60"], start_new_session=True) as left,
        subprocess.Popen(["sleep", "60"]) as stranger,
    ):
        recorded = running_now(left.pid)
        assert recorded is not None
        state = own_state(UP).with_process("web", left.pid)
        reused = {**state.processes, "sync": Running(stranger.pid, "an earlier start")}
        gone = Running(state.owner.pid, "an earlier start")
        write_state(home.state_file, type(state)(UP, gone, processes=reused))

        said: list[str] = []
        lock = take_for_up(home, said.append)
        release(lock)

        assert left.wait(1) == -signal.SIGTERM
        assert stranger.poll() is None
        stranger.kill()
    assert said == ["an earlier run was killed; ending what it left: web"]
    assert read_state(home.state_file) is None
    assert recover(home, said.append) == []


def test_a_server_nobody_recorded_is_ended_before_a_new_one(home_path: Path) -> None:
    services = prepare_services(open_home(home_path), os.environ, say=print, durable=False)
    spec = next(one.spec for one in services.own if one.spec.name == "postgres")
    assert spec.ready is not None
    assert spec.before_start is not None
    command = ["setpriv", f"--reuid={spec.user.uid}", "--clear-groups"] if spec.user else []
    with subprocess.Popen([*command, *spec.argv], env=spec.env, stderr=subprocess.DEVNULL):
        wait_until(spec.ready)
        spec.before_start()
        assert working_in(home_path / "postgres", "postgres") == []
