"""The supervisor with real processes: restarts, order of stopping, nothing left behind."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil
import pytest

from local.errors import LocalError
from local.home import open_home
from local.output import Screen
from local.processes import working_in
from local.resolve import ServiceUrls, prepare_services
from local.spec import ProcessSpec
from local.supervisor import Supervisor

Ping = Callable[[str], Awaitable[bool]]
Query = Callable[..., Awaitable[object]]

WAITS = "import time\nprint('hello', flush=True)\ntime.sleep(60)\n"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAITS
PROMISE_S = 15


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    one = Supervisor(tmp_path, Screen())
    yield one
    one.hurry()
    await one.stop()


@pytest.fixture
async def servers(home_path: Path, supervisor: Supervisor) -> ServiceUrls:
    environ = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    services = prepare_services(open_home(home_path), environ, say=print, durable=False)
    for service in services.own:
        await supervisor.start(service.spec)
    return services.urls


def program(name: str, code: str, *, stage: int = 1, grace_s: float = 5) -> ProcessSpec:
    return ProcessSpec(
        name=name,
        argv=(sys.executable, "-c", code),
        env=os.environ,
        cwd=Path("/"),
        stage=stage,
        stop_grace_s=grace_s,
    )


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> float:
    """Wait for a condition, at most as long as is promised; return the seconds it took."""
    begun, within_s = time.monotonic(), PROMISE_S
    while not await _truth(condition()):
        assert time.monotonic() - begun < within_s, "it did not come true"
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def test_a_killed_postgres_is_back_with_its_data(
    home_path: Path, supervisor: Supervisor, servers: ServiceUrls, query: Query
) -> None:
    await query(servers.database_url, "CREATE TABLE survivors AS SELECT 3 AS figure")
    busy = asyncio.create_task(
        _suppressed(query(servers.database_url, "SELECT count(*) FROM generate_series(1, 1e9)"))
    )
    await asyncio.sleep(0.2)
    before = working_in(home_path / "postgres", "postgres")

    os.kill(supervisor.pids["postgres"], signal.SIGKILL)
    await until(lambda: supervisor.restarts == 1)
    took_s = await until(lambda: _answers(query, servers.database_url))

    assert await query(servers.database_url, "SELECT figure FROM survivors") == 3
    assert not set(before) & set(working_in(home_path / "postgres", "postgres"))
    assert took_s < PROMISE_S
    await query(servers.database_url, "DROP TABLE survivors")
    await busy


async def test_a_killed_redis_is_back(
    supervisor: Supervisor, servers: ServiceUrls, ping: Ping
) -> None:
    os.kill(supervisor.pids["redis"], signal.SIGKILL)
    await until(lambda: supervisor.restarts == 1)
    assert await until(lambda: ping(servers.redis_url)) < PROMISE_S


async def test_a_program_that_ends_starts_again(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start(program("web", WAITS))
    await until(lambda: (tmp_path / "web.log").read_text() == "hello\n")
    first = supervisor.pids["web"]
    os.kill(first, signal.SIGKILL)

    await until(lambda: supervisor.pids["web"] not in {0, first})
    assert supervisor.restarts == 1
    await until(lambda: (tmp_path / "web.log").read_text() == "hello\nhello\n")


async def test_restarts_slow_down(supervisor: Supervisor) -> None:
    await supervisor.start(program("web", "raise SystemExit(3)"))
    await asyncio.sleep(1.2)
    assert 2 <= supervisor.restarts <= 3


async def test_higher_stages_stop_first(supervisor: Supervisor, tmp_path: Path) -> None:
    record = tmp_path / "stopped"
    code = (
        "import signal, sys, time\n"
        "def leave(*_):\n"
        "    time.sleep(0.2)\n"
        f"    open({str(record)!r}, 'a').write(sys.argv[1] + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, leave)\n"
        "print('hello', flush=True)\ntime.sleep(60)\n"
    )
    for name, stage in (("low", 0), ("middle", 1), ("high", 2)):
        spec = program(name, code, stage=stage)
        argv = (*spec.argv, name)
        await supervisor.start(replace(spec, argv=argv, ready=_said(tmp_path, name)))
    await supervisor.stop()
    assert record.read_text() == "high middle low "


async def test_a_stubborn_program_and_its_children_are_killed(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    code = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\n"
    spec = program("web", code + STUBBORN, grace_s=0.3)
    await supervisor.start(spec)
    await until(lambda: (tmp_path / "web.log").read_text().count("hello") == 2)
    family = [supervisor.pids["web"]]
    family += [child.pid for child in psutil.Process(family[0]).children()]

    begun = time.monotonic()
    await supervisor.stop()

    assert 0.3 <= time.monotonic() - begun < 3
    assert len(family) == 2
    await until(lambda: not any(map(_is_running, family)))


async def test_asked_twice_it_stops_at_once(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start(program("web", STUBBORN, grace_s=60))
    await until(lambda: "hello" in (tmp_path / "web.log").read_text())
    stopping = asyncio.create_task(supervisor.stop())
    await asyncio.sleep(0.2)
    assert not stopping.done()
    supervisor.hurry()
    await asyncio.wait_for(stopping, 3)


async def test_one_that_does_not_start_is_said_with_its_last_words(supervisor: Supervisor) -> None:
    spec = program("web", "raise SystemExit('no such setting')")
    never_ready = replace(spec, ready=lambda: False)
    with pytest.raises(LocalError, match="web does not start: no such setting"):
        await supervisor.start(never_ready)


async def test_one_that_is_not_ready_in_time_is_said(supervisor: Supervisor) -> None:
    spec = program("web", WAITS)
    slow = replace(spec, ready=lambda: False, ready_within_s=0.3)
    with pytest.raises(LocalError, match="web was not ready within 0 s"):
        await supervisor.start(slow)


async def test_a_program_run_once(supervisor: Supervisor) -> None:
    await supervisor.run(program("migrate", "pass"))
    with pytest.raises(LocalError, match="migrate failed: broken"):
        await supervisor.run(program("migrate", "raise SystemExit('broken')"))
    assert supervisor.restarts == 0


async def _answers(query: Query, url: str) -> bool:
    return await _suppressed(query(url, "SELECT 1")) == 1


async def _suppressed(asked: Awaitable[object]) -> object:
    try:
        return await asked
    except (OSError, asyncpg.PostgresError):
        return None


async def _truth(answer: bool | Awaitable[bool]) -> bool:
    return answer if isinstance(answer, bool) else await answer


def _said(folder: Path, name: str) -> Callable[[], bool]:
    return lambda: "hello" in (folder / f"{name}.log").read_text()


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
