"""Where contenders meet: private servers, and a fresh migrated database for each of them."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.cli.migrate import upgrade
from app.core.database import Conn, asyncpg_dsn, create_pool
from local.environment import open_services

Shared = TypeVar("Shared")

_TEMPLATE = "bench_template"
STATEMENT_TIMEOUT_S = 900
_OUTSIDE = {"DATABASE_URL", "REDIS_URL"}


@dataclass(frozen=True, slots=True)
class Arena:
    """Running servers of this benchmark, nobody else's.

    Attributes:
        server_url: PostgreSQL's own database, for administration.
        server_version: of PostgreSQL.
        shared: closes what paths share.
    """

    server_url: str
    redis_url: str
    server_version: str
    shared: AsyncExitStack = field(default_factory=AsyncExitStack)
    _opened: dict[str, object] = field(default_factory=dict)

    async def share(self, name: str, manager: AbstractAsyncContextManager[Shared]) -> Shared:
        """Enter `manager` once; every path that asks for `name` gets the same until the end."""
        if name not in self._opened:
            self._opened[name] = await self.shared.enter_async_context(manager)
        return cast(Shared, self._opened[name])

    async def create_database(self, name: str, *, like: str = _TEMPLATE) -> str:
        """Create a database, a copy of `like` (by default migrated and empty); return its URL."""
        await _admin(
            self.server_url,
            f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
            f'CREATE DATABASE "{name}" TEMPLATE "{like}"',
        )
        return _named(self.server_url, name)

    @asynccontextmanager
    async def database(self, name: str, *, like: str = _TEMPLATE) -> AsyncIterator["Database"]:
        """Create a database and connect to it as a worker does."""
        url = await self.create_database(name, like=like)
        pool = await create_pool(url, size=1, statement_timeout_s=STATEMENT_TIMEOUT_S)
        try:
            async with pool.acquire() as conn:
                yield Database(url, conn)
        finally:
            await pool.close()


@dataclass(frozen=True, slots=True)
class Database:
    """One contender's database, with a connection."""

    url: str
    conn: Conn


@contextmanager
def open_arena(say: Callable[[str], None]) -> Iterator[Arena]:
    """Start the embedded servers in a temporary folder, with the template database.

    Call it outside a running event loop: migrations run one of their own.

    Raises:
        LocalError: one sentence that says what stands in the way.
    """
    environ = {name: text for name, text in os.environ.items() if name not in _OUTSIDE}
    with tempfile.TemporaryDirectory(prefix="alpha-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user when we are root
        with open_services(Path(folder) / "servers", environ=environ, say=say) as urls:
            yield _prepared(urls.database_url, urls.redis_url)


def _prepared(server_url: str, redis_url: str) -> Arena:
    async def create() -> str:
        await _admin(
            server_url,
            "ALTER SYSTEM SET autovacuum = off",  # it would run in whoever's round comes next
            "SELECT pg_reload_conf()",
            f'CREATE DATABASE "{_TEMPLATE}"',
        )
        conn = await asyncpg.connect(asyncpg_dsn(server_url))
        version: str = await conn.fetchval("SHOW server_version")
        await conn.close()
        return version

    version = asyncio.run(create())
    upgrade(_named(server_url, _TEMPLATE))
    return Arena(server_url, redis_url, version)


async def _admin(server_url: str, *statements: str) -> None:
    conn = await asyncpg.connect(asyncpg_dsn(server_url))
    try:
        for statement in statements:
            await conn.execute(statement)
    finally:
        await conn.close()


def _named(server_url: str, database: str) -> str:
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))
