"""Real PostgreSQL and Redis: one migrated database and one Redis database per test process.

Tests of requests use `session` (or what builds on it): one transaction, rolled
back. Tests of workers, which open connections themselves, use `pool` together
with `clean_tables`, which empties the tables afterwards.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from app.cli.migrate import upgrade
from app.core.database import Conn, Pool, create_engine, create_pool
from app.core.redis import Redis, create_redis

DATABASE_VARIABLE = "ALPHA_TEST_DATABASE_URL"
REDIS_VARIABLE = "ALPHA_TEST_REDIS_URL"


def _required(variable: str) -> str:
    url = os.environ.get(variable, "")
    if not url:
        pytest.fail(f"{variable} is not set: run the tests with ./alpha test", pytrace=False)
    return url


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


async def _recreate(server_url: str, name: str) -> None:
    conn = await asyncpg.connect(server_url)
    await conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await conn.execute(f'CREATE DATABASE "{name}"')
    await conn.close()


async def _drop(server_url: str, name: str) -> None:
    conn = await asyncpg.connect(server_url)
    await conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await conn.close()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """URL of this process's own database, at the newest schema."""
    server = _required(DATABASE_VARIABLE)
    name = f"alpha_test_{_worker()}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with ThreadPoolExecutor(1) as thread:  # migrations run an event loop of their own
        thread.submit(lambda: asyncio.run(_recreate(server, name))).result()
        thread.submit(upgrade, url).result()
        yield url
        thread.submit(lambda: asyncio.run(_drop(server, name))).result()


@pytest.fixture(scope="session")
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections as workers have them; combine with `clean_tables`."""
    pool = await create_pool(database_url, size=4)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The engine that requests use."""
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One connection in one transaction, rolled back after the test."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


@pytest.fixture
async def session(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    """A session of that transaction; its commits are savepoints."""
    async with AsyncSession(
        connection, join_transaction_mode="create_savepoint", expire_on_commit=False
    ) as session:
        yield session


@pytest.fixture
async def conn(connection: AsyncConnection) -> Conn:
    """The asyncpg connection of that same transaction."""
    await connection.exec_driver_sql("SELECT 1")  # begins it
    raw = await connection.get_raw_connection()
    driver: Conn = raw.driver_connection  # type: ignore[assignment]
    return driver


@pytest.fixture
async def clean_tables(pool: Pool) -> AsyncIterator[None]:
    """Empty every table after the test, except what migrations fill."""
    yield
    tables = await pool.fetchval(
        """
        SELECT string_agg(format('alpha.%I', relname), ', ') FROM pg_class
        WHERE relnamespace = 'alpha'::regnamespace AND relkind IN ('r', 'p')
          AND NOT relispartition AND relname NOT IN ('alembic_version', 'rules')
        """
    )
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL lock_timeout = '5s'")  # an open `session` holds locks
        await conn.execute(f"TRUNCATE {tables} RESTART IDENTITY")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """URL of a Redis database that only this process uses."""
    server = _required(REDIS_VARIABLE)
    number = 1 + int(_worker().removeprefix("gw")) if _worker() != "main" else 0
    parts = urlsplit(server)
    if parts.scheme == "unix":
        return urlunsplit(parts._replace(query=f"db={number}"))
    return urlunsplit(parts._replace(path=f"/{number}"))


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of that database, which is emptied afterwards."""
    client = create_redis(redis_url)
    yield client
    await client.flushdb()
    await client.aclose()
