"""Parts of `alpha up` and `alpha test` that need no process."""

import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.cli.test import _command_line, _environ, _test_env
from app.cli.up.options import Options, url_at
from app.cli.up.programs import PROGRAMS, program_specs
from app.cli.up.summary import EMPTY, missing_work, to_text
from app.cli.up.surroundings import child_env, choose_port, explain
from local.errors import LocalError
from local.home import Home
from local.resolve import ServiceUrls

HOME = Home(Path("/srv/alpha"))
CHECKS = [
    {"name": "database", "state": "on", "detail": "fine"},
    {"name": "catalogue", "state": "failing", "detail": "empty"},
]
FILLED = {**EMPTY, "events_synced": 3, "markets_synced": 9}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("192.168.1.5", "http://192.168.1.5:8000"),
    ],
)
def test_how_this_machine_reaches_a_listener(host: str, url: str) -> None:
    assert url_at(host, 8000) == url


def test_every_program_of_the_table_becomes_a_process() -> None:
    specs = program_specs(Options(host="0.0.0.0", port=0), 8123, {"A": "b"})
    assert [spec.name for spec in specs] == [program.name for program in PROGRAMS]
    assert specs[0].argv == (
        *(sys.executable, "-m", "app.cli"),
        *("web", "--host", "0.0.0.0", "--port", "8123"),
    )
    assert all(spec.env == {"A": "b"} for spec in specs)


@pytest.mark.parametrize(
    ("summary", "was_ready", "reason"),
    [
        pytest.param(FILLED, True, None, id="filled"),
        pytest.param(EMPTY, True, "no event was synced", id="empty"),
        pytest.param({**FILLED, "markets_synced": 0}, True, "no market", id="no-markets"),
        pytest.param(FILLED, False, "the API did not become ready", id="never-ready"),
    ],
)
def test_the_job_is_judged(summary: Mapping[str, Any], was_ready: bool, reason: str | None) -> None:
    found = missing_work(summary, was_ready=was_ready)
    assert (found is None) if reason is None else (found or "").startswith(reason)


def test_the_summary_has_the_keys_that_machines_read() -> None:
    assert list(EMPTY) == [
        *("events_synced", "markets_synced", "ticks", "candles", "signals", "detections"),
        *("alerts", "notifications", "pushes_accepted", "event_to_push_ms"),
        *("restarts", "rejects"),
    ]
    assert to_text({**FILLED, "restarts": 2}) == "3 events synced, 9 markets synced, 2 restarts"


@pytest.mark.parametrize(
    ("status", "document", "text"),
    [
        (0, None, "waiting for the API"),
        (200, {}, "running"),
        (503, {"checks": CHECKS}, "waiting for the first sync (catalogue: empty)"),
        (503, None, "waiting for the first sync (HTTP 503)"),
    ],
)
def test_readiness_is_explained(status: int, document: Any, text: str) -> None:
    assert explain(status, document) == text


def test_a_taken_port_names_the_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        with pytest.raises(LocalError, match=f"port {port} on 127.0.0.1 is taken: .* --port"):
            choose_port(Options(host="127.0.0.1", port=port))
    assert choose_port(Options(host="127.0.0.1", port=0)) > 0


def test_what_the_environment_says_is_kept() -> None:
    env = child_env({"ENVIRONMENT": "test", "X": "y"}, HOME, is_terminal=True)
    assert (env["ENVIRONMENT"], env["X"], env["LOG_FORMAT"]) == ("test", "y", "console")
    assert child_env({}, HOME, is_terminal=False)["ENVIRONMENT"] == "development"
    assert env["ALPHA_HOME"] == "/srv/alpha"


def test_tests_never_see_the_users_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://precious/data")
    monkeypatch.setenv("REDIS_URL", "redis://precious")
    environ = _environ(None, use_environment=False)
    assert {"DATABASE_URL", "REDIS_URL"}.isdisjoint(environ)

    asked = _environ(None, use_environment=True)
    assert asked["DATABASE_URL"] == "postgresql://precious/data"


def test_tests_get_their_own_servers(tmp_path: Path) -> None:
    env = _test_env({"DATABASE_URL": "x"}, ServiceUrls("postgresql://t", "redis://t"), tmp_path)
    assert env["ALPHA_TEST_DATABASE_URL"] == "postgresql://t"
    assert env["ALPHA_TEST_REDIS_URL"] == "redis://t"
    assert (env["DATABASE_URL"], env["REDIS_URL"], env["ENVIRONMENT"]) == ("", "", "test")


@pytest.mark.parametrize(
    ("arguments", "has_workers"),
    [
        ([], True),
        (["tests/unit", "-k", "x"], True),
        (["-n", "4"], False),
        (["-n0"], False),
        (["--pdb"], False),
        (["-p", "no:xdist"], False),
    ],
)
def test_workers_unless_the_arguments_decide(arguments: list[str], has_workers: bool) -> None:
    line = _command_line(arguments)
    assert line[-len(arguments) :] == arguments or not arguments
    assert ("loadfile" in line) is has_workers
