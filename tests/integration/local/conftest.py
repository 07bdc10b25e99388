"""Data folders for tests of real servers, and ways to ask those servers."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio as aioredis

from local.home import REPOSITORY

Query = Callable[..., Awaitable[object]]
Ping = Callable[[str], Awaitable[bool]]
Script = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def home_path() -> Iterator[Path]:
    """One data folder for the session, with a space and short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="alpha local "))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def query() -> Query:
    """Run one statement on a new connection and return its first value."""

    async def query(url: str, statement: str) -> object:
        conn = await asyncpg.connect(url, timeout=5)
        try:
            return await conn.fetchval(statement)
        finally:
            await conn.close()

    return query


@pytest.fixture
def ping() -> Ping:
    """Ping a Redis; False when it does not answer."""

    async def ping(url: str) -> bool:
        client = aioredis.Redis.from_url(url)
        try:
            return bool(await client.execute_command("PING"))
        except aioredis.ConnectionError:
            return False
        finally:
            await client.aclose()

    return ping


@pytest.fixture
def script() -> Iterator[Script]:
    """Start one of the programs beside this file; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def script(name: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(name)), *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "DATABASE_URL": "", "REDIS_URL": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield script
    for process in started:
        process.kill()
        process.communicate()
