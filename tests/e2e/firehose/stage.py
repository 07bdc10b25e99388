"""A stage for the firehose: real servers, a sandbox, processes that can be stopped and cut off."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import asyncpg
import redis

from local.home import Home, open_home
from local.launch import start
from local.output import open_log
from local.processes import kill_group, send_signal
from local.resolve import prepare_services
from local.spec import ProcessSpec
from tests.e2e.firehose.proxy import SocketProxy

ROOT = Path(__file__).resolve().parents[3]
T = TypeVar("T")


def wait_until(check: Callable[[], T], within_s: float, what: str) -> tuple[T, float]:
    """Wait for something true; return it and how long it took."""
    begun = time.monotonic()
    while True:
        found: T | None = None
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, redis.RedisError):
            found = check()
        if found:
            return found, time.monotonic() - begun
        assert time.monotonic() - begun < within_s, f"{what}: not within {within_s:.0f} s"
        time.sleep(0.05)


@dataclass
class Running:
    """One process of the stage."""

    spec: ProcessSpec
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The program's own process id: the launcher became it."""
        return self.process.pid

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, and reap."""
        kill_group(self.pid)
        self.process.wait(10)

    def stop(self) -> None:
        """As a supervisor would: ask, wait, kill."""
        if self.process.poll() is None:
            send_signal(self.pid, signal.SIGCONT)
            send_signal(self.pid, self.spec.stop_signal)
            try:
                self.process.wait(self.spec.stop_grace_s)
            except subprocess.TimeoutExpired:
                kill_group(self.pid)
        self.process.wait()

    def said(self) -> str:
        """Everything it logged."""
        return self.log.read_text(errors="replace")


@dataclass
class Stage:
    """Servers and processes, all of them ended with the stage."""

    home: Home
    environ: dict[str, str] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)
    specs: dict[str, ProcessSpec] = field(default_factory=dict)
    proxies: list[SocketProxy] = field(default_factory=list)
    base: str = ""
    began_s: float = field(default_factory=time.monotonic)

    @classmethod
    def build(cls, folder: Path, *, clock_at: str = "") -> "Stage":
        """Start PostgreSQL and Redis in `folder` and migrate."""
        folder.chmod(0o711)
        stage = cls(open_home(folder / "home"))
        services = prepare_services(stage.home, {}, say=lambda _: None, durable=False)
        for service in services.own:
            stage.specs[service.spec.name] = service.spec
            stage.start(service.spec.name)
        stage.environ = {
            **os.environ,
            **services.urls.environment(),
            "ALPHA_HOME": str(stage.home.path),
            "ENVIRONMENT": "test",
            "LOG_FORMAT": "json",
            "CLOCK_AT": clock_at,
            "PYTHONPATH": str(ROOT),
        }
        if not clock_at:
            del stage.environ["CLOCK_AT"]
        stage.run("migrate")
        return stage

    # --- processes -------------------------------------------------------------------------

    def start(self, name: str) -> Running:
        """Start what is known by this name and wait until it is ready."""
        spec = self.specs[name]
        if spec.before_start is not None:
            spec.before_start()
        log = self.home.log_dir / f"{name}.log"
        with open_log(log) as output:
            process = start(spec, output.fileno())
        running = self.running[name] = Running(spec, log, process)
        if spec.ready is not None:
            wait_until(spec.ready, spec.ready_within_s, f"{name} is ready")
        return running

    def revive(self, name: str) -> None:
        """Start again what has ended, as a supervisor would (arq ends when Redis goes)."""
        if self.running[name].process.poll() is not None:
            self.start(name)

    def alpha(self, name: str, *words: str, **environ: str) -> Running:
        """Start one of our own commands under a name."""
        argv = (sys.executable, "-m", "app.cli", *words)
        self.specs[name] = ProcessSpec(name, argv, {**self.environ, **environ}, ROOT)
        return self.start(name)

    def run(self, *words: str) -> None:
        """Run one of our own commands to its end."""
        argv = [sys.executable, "-m", "app.cli", *words]
        subprocess.run(argv, env=self.environ, cwd=ROOT, check=True, timeout=120)

    def sandbox(self, *flags: str) -> None:
        """Start the sandbox; everything that starts later talks to it."""
        port_file = self.home.ports_dir / "sandbox"
        argv = (sys.executable, "-m", "sandbox", "--port-file", str(port_file), *flags)
        self.specs["sandbox"] = ProcessSpec(
            "sandbox", argv, self.environ, ROOT, ready=port_file.exists, ready_within_s=60
        )
        self.start("sandbox")
        self.base = f"http://127.0.0.1:{port_file.read_text().strip()}"
        key = self.control("/_keys/kalshi")
        self.environ |= {
            "KALSHI_BASE_API_URL": f"{self.base}/trade-api/v2",
            "KALSHI_WS_URL": f"{self.base.replace('http', 'ws', 1)}/trade-api/ws/v2",
            "KALSHI_API_KEY_ID": key["api_key_id"],
            "KALSHI_PRIVATE_KEY": key["private_key"],
        }

    def stop(self) -> None:
        """End everything, servers last."""
        for name in reversed(list(self.running)):
            self.running[name].stop()
        for proxy in self.proxies:
            proxy.stop()

    def clock_now(self) -> dict[str, str]:
        """Return the setting that starts a later process at the time it is for the others."""
        start = datetime.fromisoformat(self.environ["CLOCK_AT"])
        now = start + timedelta(seconds=time.monotonic() - self.began_s)
        return {"CLOCK_AT": now.isoformat()}

    # --- between them ----------------------------------------------------------------------

    def own_way(self, name: str) -> tuple[dict[str, str], SocketProxy, SocketProxy]:
        """Make a process's own, cuttable way to PostgreSQL and to Redis.

        Returns:
            The environment that uses it, the way to PostgreSQL, the way to Redis.
        """
        folder = self.home.path / name
        socket_dir = Path(parse_qs(urlsplit(self.environ["DATABASE_URL"]).query)["host"][0])
        (there,) = socket_dir.glob(".s.PGSQL.*[0-9]")
        to_postgres = SocketProxy(folder / there.name, there)
        redis_socket = Path(urlsplit(self.environ["REDIS_URL"]).path)
        to_redis = SocketProxy(folder / "redis.sock", redis_socket)
        self.proxies += [to_postgres, to_redis]
        environ = {
            "DATABASE_URL": self.environ["DATABASE_URL"].replace(str(socket_dir), str(folder)),
            "REDIS_URL": f"unix://{folder}/redis.sock",
        }
        return environ, to_postgres, to_redis

    def control(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call one of the sandbox's own routes."""
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=sent, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def sql(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Run one query."""

        async def ask() -> list[asyncpg.Record]:
            conn = await asyncpg.connect(self.environ["DATABASE_URL"], timeout=5)
            try:
                return list(await conn.fetch(query, *arguments))
            finally:
                await conn.close()

        return asyncio.run(ask())

    def redis(self) -> redis.Redis:
        """Make a client of the stage's Redis."""
        return redis.Redis.from_url(self.environ["REDIS_URL"], socket_timeout=5)

    # --- what it should look like ----------------------------------------------------------

    def holder_pid(self) -> int:
        """Process id of whoever holds the firehose now, 0 = nobody."""
        rows = self.sql(
            "SELECT holder FROM alpha.leases WHERE name = 'firehose:kalshi'"
            " AND expires_at > clock_timestamp()"
        )
        return int(rows[0]["holder"].rpartition(":")[2]) if rows else 0

    def feed_state(self) -> str:
        """The state of the ticks feed, empty before there is one."""
        rows = self.sql("SELECT state FROM alpha.feed_states WHERE feed = 'kalshi.ticks'")
        return str(rows[0]["state"]) if rows else ""
