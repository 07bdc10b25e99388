"""The process: command line, port file, signals, errors, and one real conversation."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

Start = Callable[..., subprocess.Popen[str]]

WITHIN_S = 20.0


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start sandboxes as processes; what still runs is killed at the end."""
    running: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "sandbox", "--events", "10", *arguments]
        process = subprocess.Popen(command, stdout=-1, stderr=-1, text=True)
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def wait_for(path: Path, process: subprocess.Popen[str]) -> int:
    """Return the port once it is written."""
    end = time.monotonic() + WITHIN_S
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    return int(path.read_text())


def test_it_listens_writes_its_port_and_ends_cleanly(start: Start, tmp_path: Path) -> None:
    port_file, keys = tmp_path / "deep" / "port", tmp_path / "keys"
    process = start(
        "--port-file", str(port_file), "--key-dir", str(keys), "--now", "2026-11-22T12:00:00Z"
    )
    base = f"http://127.0.0.1:{wait_for(port_file, process)}"
    with httpx.Client(base_url=base) as client:
        health = client.get("/_health").json()
        assert health["ok"] is True
        assert health["now"].startswith("2026-11-22T12:0")
        assert client.get("/trade-api/v2/markets").json()["markets"]
        assert client.get("/trade-api/v2/series").headers["date"].startswith("Sun, 22 Nov 2026")
    assert (keys / "kalshi_rsa.pem").exists()
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0
    assert (out, errors) == ("", "")
    assert not port_file.exists()


@pytest.mark.parametrize(
    "knob",
    [
        pytest.param({"reset": {"count": 1}}, id="reset"),
        pytest.param({"truncate": {"count": 1, "mode": "closed"}}, id="closed-early"),
    ],
)
def test_connections_break_for_real(start: Start, tmp_path: Path, knob: object) -> None:
    port_file = tmp_path / "port"
    process = start("--port-file", str(port_file))
    base = f"http://127.0.0.1:{wait_for(port_file, process)}"
    with httpx.Client(base_url=base) as client:
        client.put("/_faults", json={"kalshi": knob})
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            client.get("/trade-api/v2/markets")
        assert client.get("/trade-api/v2/markets").status_code == 200
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_it_ends_while_a_request_hangs(start: Start, tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    process = start("--port-file", str(port_file))
    base = f"http://127.0.0.1:{wait_for(port_file, process)}"
    with httpx.Client(base_url=base) as client:
        client.put("/_faults", json={"kalshi": {"hang": {"seconds": 60}}})
        with pytest.raises(httpx.ReadTimeout):
            client.get("/trade-api/v2/series", timeout=0.2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_a_bad_manifest_is_one_line_and_exit_code_2(start: Start, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps([{"route": "GET /x", "file": "no.json"}]))
    process = start("--recordings", str(tmp_path))
    _, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 2
    assert errors.count("\n") == 1
    assert "no.json" in errors


def test_a_bad_time_is_refused(start: Start) -> None:
    process = start("--now", "noonish")
    _, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 2
    assert "not an ISO time" in errors


def test_a_taken_port_is_one_error(start: Start, tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    first = start("--port-file", str(port_file))
    port = wait_for(port_file, first)
    second = start("--port", str(port))
    _, errors = second.communicate(timeout=WITHIN_S)
    assert second.returncode != 0
    assert "address already in use" in errors
    assert "Traceback" not in errors
