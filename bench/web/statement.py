"""The very SQL that our list route runs, overheard on its way to the database."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import NamedTuple

import httpx
from asyncpg.connection import LoggedQuery
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.api.state import Connections
from app.core.config import Settings
from app.core.database import create_engine, create_read_pool
from app.core.redis import create_redis
from app.main import create_app

_PLACEHOLDER = re.compile(r"\$(\d+)")
_TEXT = re.compile(r"'(?:[^']|'')*'")


class Heard(NamedTuple):
    """A statement with `$1`, `$2`, ... and what stood there."""

    sql: str
    arguments: tuple[object, ...]


async def overhear(database_url: str, redis_url: str, paths: Sequence[str]) -> list[Heard]:
    """Return the SQL behind each of `paths`."""
    heard: list[Heard] = []
    statements = []

    def hear(query: LoggedQuery) -> None:
        heard.append(Heard(query.query, tuple(query.args)))

    async with _client(database_url, redis_url, hear) as client:
        for path in paths:
            heard.clear()
            (await client.get(path)).raise_for_status()
            longest = max(reversed(heard), key=lambda h: len(h.sql))  # others: is it ready?
            statements.append(longest)  # the last of equals, which has the answer
    return statements


@asynccontextmanager
async def _client(
    database_url: str, redis_url: str, hear: Callable[[LoggedQuery], None]
) -> AsyncIterator[httpx.AsyncClient]:
    """Run our application in this process, on a connection that is listened to."""
    settings = Settings()
    settings.app.database_url = SecretStr(database_url)  # cursors are signed with it
    async with AsyncExitStack() as stack:
        pool = await create_read_pool(database_url, size=1)
        stack.push_async_callback(pool.close)
        async with pool.acquire() as conn:
            conn.add_query_logger(hear)
        engine, redis = create_engine(database_url), create_redis(redis_url)
        stack.push_async_callback(engine.dispose)
        stack.push_async_callback(redis.aclose)
        connections = Connections(pool, async_sessionmaker(engine), redis)
        app = create_app(settings, connections=connections)
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app)
        yield await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://bench")
        )


def for_pgbench(statement: Heard, number: int) -> tuple[str, dict[str, str]]:
    """Return a script and its variables, so that the database gets the same parameters.

    pgbench takes every colon for the start of a variable: those inside literals become
    escapes. `number` keeps the variables of several scripts apart.
    """

    def escaped(found: re.Match[str]) -> str:
        text = found[0]
        return "E" + text.replace(":", r"\x3a") if ":" in text else text

    sql = _PLACEHOLDER.sub(rf":s{number}_\1", _TEXT.sub(escaped, statement.sql))
    arguments = enumerate(statement.arguments, start=1)
    return sql, {f"s{number}_{place}": _text(argument) for place, argument in arguments}


def _text(argument: object) -> str:
    return argument.isoformat() if isinstance(argument, datetime) else str(argument)
