"""`alpha bench` from its arguments to its one JSON object."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def run_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_one_quick_path_runs_end_to_end() -> None:
    done = run_bench("--quick", "--only", "sync_unchanged", "--rounds", "1", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["is_quick"]
    assert found["machine"]["versions"]["postgresql"]
    (path,) = found["paths"]
    assert path["path"] == "sync_unchanged"
    assert path["verdict"] in {"met", "missed"}
    assert path["ours_over_peer"] > 1
    assert path["wal_mb_per_50k_markets"] < 1
    assert "sync_unchanged" in done.stderr


def test_an_unknown_path_is_one_line() -> None:
    done = run_bench("--only", "nothing")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("fan_out", "people/s"),
        ("push_send", "pushes/s"),
        ("holders_of_market", "questions/s"),
    ],
)
def test_a_quick_path_of_the_pipeline_runs_end_to_end(path: str, unit: str) -> None:
    done = run_bench("--quick", "--only", path, "--rounds", "1", "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout.splitlines()[-1])["paths"]
    assert (found["path"], found["unit"]) == (path, unit)
    assert found["ours"] > 0
