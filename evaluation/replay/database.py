"""A database for one replay: created, migrated, and dropped whatever happens."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.cli.migrate import upgrade
from app.core.database import asyncpg_dsn
from app.core.errors import OperatorError
from local.environment import open_services

_OUTSIDE = {"DATABASE_URL", "REDIS_URL"}  # a replay never touches what somebody uses


@contextmanager
def replay_database(say: Callable[[str], None], server_url: str | None = None) -> Iterator[str]:
    """Yield the URL of a fresh database at the newest schema.

    Call it outside a running event loop: migrations run one of their own.

    Args:
        server_url: a server to create it on; None = a private one in a temporary folder.

    Raises:
        LocalError, OperatorError: one sentence that says what stands in the way.
    """
    if server_url:
        with _created_on(server_url) as url:
            yield url
        return
    environ = {name: text for name, text in os.environ.items() if name not in _OUTSIDE}
    with tempfile.TemporaryDirectory(prefix="alpha-replay-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user when we are root
        home = Path(folder) / "servers"
        with open_services(home, environ=environ, say=say, durable=False) as urls:
            upgrade(urls.database_url)
            yield urls.database_url


@contextmanager
def _created_on(server_url: str) -> Iterator[str]:
    name = f"alpha_replay_{secrets.token_hex(6)}"
    asyncio.run(_run(server_url, f'CREATE DATABASE "{name}"'))
    try:
        url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        upgrade(url)
        yield url
    finally:
        asyncio.run(_run(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _run(server_url: str, statement: str) -> None:
    try:
        conn = await asyncpg.connect(asyncpg_dsn(server_url))
        try:
            await conn.execute(statement)
        finally:
            await conn.close()
    except (OSError, asyncpg.PostgresError) as error:
        raise OperatorError(f"The replay's database cannot be had: {error}.") from error
