"""A database of its own, the sandbox's gateway, and dispatchers to be killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from app.cli.migrate import upgrade
from app.core.database import Pool, create_pool
from app.core.redis import Redis, create_redis
from tests.delivery_rows import add_alert, add_holders
from tests.sandbox_process import SandboxProcess, start_sandbox

ROOT = Path(__file__).resolve().parents[3]
PAGE = 10_000


@pytest.fixture
def is_full() -> bool:
    """Whether the long forms of the proofs run: `ALPHA_PROOF=full`."""
    return os.environ.get("ALPHA_PROOF") == "full"


@dataclass
class Arena:
    """One alert after the other, told to thousands of people, and the gateway that they need."""

    url: str
    pool: Pool
    sandbox: SandboxProcess
    account: Path
    alerts: int = 0

    async def sql(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.pool.fetch(query, *arguments)]

    async def count(self, condition: str, *arguments: object) -> int:
        found: int = await self.pool.fetchval(
            f"SELECT count(*) FROM alpha.deliveries WHERE {condition}", *arguments
        )
        return found

    async def tell(self, people: int) -> None:
        """Make another alert about another market, due to everybody now; safety has no caps."""
        self.alerts += 1
        now = datetime.now(UTC)
        name = f"alert-{self.alerts}"
        async with self.pool.acquire() as conn, conn.transaction():
            rows = await add_alert(conn, name, at=now, market=name)
            later = now + timedelta(hours=6)
            await add_holders(conn, rows, people, priority=0, expires_at=later)

    def environ(self) -> dict[str, str]:
        """Return what a dispatcher of this arena is told."""
        return {
            **os.environ,
            "ENVIRONMENT": "test",
            "DATABASE_URL": self.url,
            "FIREBASE_CREDENTIALS_PATH": str(self.account),
            "FCM_BASE_URL": self.sandbox.url,
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }

    def faults(self, **wishes: Any) -> None:
        """Set the gateway's faults, all others off."""
        self.sandbox.control("/_faults", "DELETE")
        if wishes:
            self.sandbox.control("/_faults", "PUT", {"firebase": wishes})

    def pushes(self) -> list[dict[str, Any]]:
        """Return what the gateway has logged, oldest first."""
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["n"] if found else 0
            page = self.sandbox.control(f"/_pushes?after={after}&limit={PAGE}")["pushes"]
            found += page
            if len(page) < PAGE:
                return found


async def _execute(server: str, *statements: str) -> None:
    conn = await asyncpg.connect(server)
    for statement in statements:
        await conn.execute(statement)
    await conn.close()


@pytest.fixture(scope="session")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Arena]:
    """A database and a sandbox, for all these tests."""
    server = os.environ.get("ALPHA_TEST_DATABASE_URL", "")
    if not server:
        pytest.fail("ALPHA_TEST_DATABASE_URL is not set: run ./alpha test", pytrace=False)
    name = f"alpha_kills_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    await _execute(server, drop, f'CREATE DATABASE "{name}"')
    await asyncio.to_thread(upgrade, url)
    folder = tmp_path_factory.mktemp("kills")
    sandbox = await asyncio.to_thread(start_sandbox, folder, "--events", "10", "--prices", "seeded")
    account = folder / "account.json"
    account.write_text(json.dumps(sandbox.control("/_keys/firebase")))
    pool = await create_pool(url, size=4)
    try:
        yield Arena(url, pool, sandbox, account)
    finally:
        await pool.close()
        sandbox.process.terminate()
        sandbox.process.wait(10)
        await _execute(server, drop)


@pytest.fixture
async def arena(ground: Arena) -> AsyncIterator[Arena]:
    """An arena without deliveries, its gateway in good health and without a log."""
    yield ground
    for path in ("/_faults", "/_devices", "/_pushes"):
        await asyncio.to_thread(ground.sandbox.control, path, "DELETE")
    await ground.pool.execute(
        "TRUNCATE alpha.series, alpha.episodes, alpha.users, alpha.switches CASCADE"
    )


class Template:
    """The process that forks dispatchers, or other steps of the pipeline."""

    def __init__(self, environ: dict[str, str], role: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.pipeline_kills.template", role],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._children: list[int] = []

    def fork(self, crash_at: str = "") -> int:
        """Start a child; return its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{crash_at}\n")
        self._process.stdin.flush()
        self._children.append(int(self._process.stdout.readline()))
        return self._children[-1]

    def stop(self) -> None:
        """End it and every child that is left."""
        for child in self._children:
            kill(child)
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


def kill(pid: int) -> None:
    """SIGKILL a process that may be gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def wait_for_death(pid: int, within_s: float = 20) -> None:
    """Return when a process is gone."""
    begun = time.monotonic()
    while is_alive(pid):
        assert time.monotonic() - begun < within_s, "it should have died"
        await asyncio.sleep(0.01)


@pytest.fixture
def template(arena: Arena) -> Iterator[Template]:
    """Where short-lived dispatchers of the arena come from: their leases end soon."""
    template = Template(arena.environ(), "hasty")
    yield template
    template.stop()


@pytest.fixture
async def tick_redis() -> AsyncIterator[tuple[Redis, str]]:
    """A Redis database that only this process uses, and its URL; empty before and after."""
    server = urlsplit(os.environ["ALPHA_TEST_REDIS_URL"])
    number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw"))
    is_socket = server.scheme == "unix"
    here = {"query": f"db={number}"} if is_socket else {"path": f"/{number}"}
    url = urlunsplit(server._replace(**here))
    client = create_redis(url)
    await client.flushdb()
    yield client, url
    await client.flushdb()
    await client.aclose()


@pytest.fixture
def usual_template(arena: Arena) -> Iterator[Template]:
    """Where dispatchers with production's pace come from."""
    template = Template(arena.environ(), "usual")
    yield template
    template.stop()
