"""`alpha doctor`: one clear line for each thing that is wrong, exit code 1, no secrets."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox_process import SandboxProcess, start_sandbox

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), "--events", "10")
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
def healthy(
    exchange: SandboxProcess, database_url: str, redis_url: str, tmp_path: Path
) -> dict[str, str]:
    """Settings under which nothing is wrong."""
    exchange.control("/_faults", "DELETE")
    settings = exchange.settings()
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ALPHA_HOME": str(tmp_path / "home"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "KALSHI_BASE_API_URL": settings.base_api_url,
        "KALSHI_API_KEY_ID": settings.api_key_id,
        "KALSHI_PRIVATE_KEY": settings.private_key.get_secret_value(),
    }


def run(environ: dict[str, str], *arguments: str) -> tuple[int, dict[str, tuple[str, str]], str]:
    """Run the doctor; return exit code, checks by name, and all it printed."""
    command = [sys.executable, "-m", "app.cli", "doctor", "--json", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert report["ok"] == (done.returncode == 0)
    checks = {check["name"]: (check["state"], check["detail"]) for check in report["checks"]}
    return done.returncode, checks, done.stdout + done.stderr


def failing(environ: dict[str, str], *arguments: str) -> dict[str, str]:
    code, checks, printed = run(environ, *arguments)
    assert code == 1
    assert "hunter2" not in printed
    found = {name: detail for name, (state, detail) in checks.items() if state == "failing"}
    assert all("\n" not in detail for detail in found.values())
    return found


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_all_is_well(healthy: dict[str, str]) -> None:
    code, checks, _ = run(healthy, "--port", free_port())
    assert code == 0
    names = ("data folder", "port", "database", "redis", "schema", "kalshi", "kalshi key")
    assert {name: checks[name][0] for name in names} == dict.fromkeys(names, "on")


def test_a_missing_key_is_off_and_no_fault(healthy: dict[str, str]) -> None:
    without = healthy | {"KALSHI_API_KEY_ID": "", "KALSHI_PRIVATE_KEY": ""}
    code, checks, _ = run(without, "--port", free_port())
    assert (code, checks["kalshi key"][0]) == (0, "off")


def test_a_wrong_database_url(healthy: dict[str, str]) -> None:
    found = failing(healthy | {"DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/x"})
    assert "check DATABASE_URL" in found["database"]


@pytest.mark.parametrize("url", ["mysql://me:hunter2@127.0.0.1/x", "hunter2"])
def test_a_database_url_of_another_kind(healthy: dict[str, str], url: str) -> None:
    assert "DATABASE_URL" in failing(healthy | {"DATABASE_URL": url})["database"]


def test_an_unreachable_redis(healthy: dict[str, str]) -> None:
    found = failing(healthy | {"REDIS_URL": "redis://:hunter2@127.0.0.1:1"})
    assert "check REDIS_URL" in found["redis"]


def test_a_malformed_key(healthy: dict[str, str]) -> None:
    found = failing(healthy | {"KALSHI_PRIVATE_KEY": "hunter2"})
    assert "KALSHI_PRIVATE_KEY" in found["kalshi key"]


def test_a_key_that_is_not_theirs(healthy: dict[str, str]) -> None:
    assert "401" in failing(healthy | {"KALSHI_API_KEY_ID": "somebody-else"})["kalshi"]


def test_a_skewed_clock(healthy: dict[str, str], exchange: SandboxProcess) -> None:
    exchange.control("/_faults", "PUT", {"kalshi": {"clock_skew": {"seconds": 3600}}})
    assert "clock is off" in failing(healthy)["kalshi"]


def test_an_exchange_that_does_not_answer(healthy: dict[str, str]) -> None:
    found = failing(healthy | {"KALSHI_BASE_API_URL": "http://127.0.0.1:1/trade-api/v2"})
    assert "KALSHI_BASE_API_URL" in found["kalshi"]


def test_a_taken_port(healthy: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = failing(healthy, "--port", str(taken.getsockname()[1]))
    assert "--port" in found["port"]


def test_a_data_folder_of_another_postgresql(healthy: dict[str, str]) -> None:
    data = Path(healthy["ALPHA_HOME"]) / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    found = failing(healthy | {"DATABASE_URL": "", "REDIS_URL": ""})
    assert "12" in found["data folder"]


def test_a_setting_that_cannot_be_read_is_one_line(healthy: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "doctor"],
        env=healthy | {"CLOCK_AT": "yesterday"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("alpha: CLOCK_AT: ")
    assert done.stderr.count("\n") == 1
