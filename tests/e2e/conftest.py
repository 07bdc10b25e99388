"""A whole Alpha, real processes and all, in a data folder of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from local.state import RunState, read_state
from tests.e2e.firehose.stage import Stage

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")
MakeStage = Callable[..., Stage]


@pytest.fixture
def is_full() -> bool:
    """Whether the long forms of the proofs run: `ALPHA_PROOF=full`."""
    return os.environ.get("ALPHA_PROOF") == "full"


@pytest.fixture
def make_stage() -> Iterator[MakeStage]:
    """Make a stage; everything on it ends with the test."""
    stages: list[Stage] = []
    with tempfile.TemporaryDirectory(prefix="alpha-e2e-", ignore_cleanup_errors=True) as folder:

        def make(clock_at: str = "") -> Stage:
            stages.append(Stage.build(Path(folder), clock_at=clock_at))
            return stages[-1]

        yield make
        for stage in stages:
            stage.stop()


@dataclass
class RunningAlpha:
    """`alpha up` as somebody started it."""

    process: subprocess.Popen[str]
    home: Path
    said: list[str] = field(default_factory=list)

    @property
    def state(self) -> RunState:
        """What it says about itself in `run.json`."""
        state = read_state(self.home / "run.json")
        assert state is not None, "".join(self.said[-20:])
        return state

    def pid(self, name: str) -> int:
        """Process id of one of its processes, 0 while it is away."""
        running = self.state.processes.get(name)
        return running.pid if running and running.is_alive else 0

    def kill(self, name: str) -> int:
        """SIGKILL one process; return its old process id."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def sandbox(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call one of the sandbox's own routes."""
        base = self.state.settings["KALSHI_BASE_API_URL"].removesuffix("/trade-api/v2")
        return call(base + path, method, body)[1]

    def api(self, path: str) -> tuple[int, Any]:
        """GET from the API: status and document."""
        base = self.state.web_url
        assert base, "no web process yet"
        return call(base + path)

    def sql(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """Run one query."""

        async def run() -> list[dict[str, Any]]:
            conn = await asyncpg.connect(self.state.database_url, timeout=5)
            try:
                return [dict(row) for row in await conn.fetch(query, *arguments)]
            finally:
                await conn.close()

        return asyncio.run(run())


def call(
    url: str, method: str = "GET", body: object = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """Make one HTTP request; an error status is an answer, no answer is status 0."""
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=sent, method=method, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, None


def wait_until(check: Callable[[], T], within_s: float, what: str) -> tuple[T, float]:
    """Wait for something true; return it and how long it took."""
    begun = time.monotonic()
    while True:
        try:
            found = check()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, AssertionError):
            found = None
        if found:
            return found, time.monotonic() - begun
        assert time.monotonic() - begun < within_s, f"{what}: not within {within_s:.0f} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def alpha() -> Iterator[RunningAlpha]:
    """Alpha with a sandbox of a thousand markets, its catalogue filled."""
    with tempfile.TemporaryDirectory(prefix="alpha-e2e-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        env = {
            **os.environ,
            "ALPHA_HOME": str(home),
            "ALPHA_SANDBOX_ARGS": "--events 120 --seed 5",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "ENVIRONMENT": "development",
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up", "--port", "0"],
            env=env,
            stderr=subprocess.PIPE,
            text=True,
        )
        running = RunningAlpha(process, home)
        threading.Thread(target=_listen, args=(running,), daemon=True).start()
        try:
            wait_until(lambda: running.api("/health/ready")[0] == 200, 60, "Alpha is ready")
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(30)
        assert code == 0


def _listen(running: RunningAlpha) -> None:
    assert running.process.stderr is not None
    running.said.extend(running.process.stderr)
    running.process.stderr.close()
