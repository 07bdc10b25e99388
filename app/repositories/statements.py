"""SQLAlchemy statements compiled once per shape and run on the asyncpg pool.

An ORM session costs more than a whole page of JSON does in PostgreSQL, so hot lists
use SQLAlchemy to write the statement and asyncpg, with its prepared statements, to
run it. Every statement here is one read, so it may be repeated on a new connection.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from app.core.database import Pool

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
_WAIT_S = 5  # for a connection and the answer; the server stops the statement before
_STALE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # its way to say that the server's last words just came in
)

Arguments = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with the names of its `$1`, `$2`, ... in order, and those that never vary."""

    text: str
    names: tuple[str, ...]
    constants: Arguments


def compile_statement(query: Select[*tuple[object, ...]]) -> Statement:
    """Write a query as SQL for asyncpg; what varies must be a named `bindparam`."""
    compiled = query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    constants = {name: given for name, given in compiled.params.items() if given is not None}
    return Statement(str(compiled), tuple(compiled.positiontup or ()), constants)


async def fetch_one(pool: Pool, statement: Statement, arguments: Arguments) -> asyncpg.Record:
    """Run a statement that always returns one row; errors as in `fetch_all`."""
    (row,) = await fetch_all(pool, statement, arguments)
    return row


async def fetch_all(pool: Pool, statement: Statement, arguments: Arguments) -> list[asyncpg.Record]:
    """Run a statement; connections that the server dropped are replaced once.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: see `errors.is_outage`.
    """
    known = {**statement.constants, **arguments}
    values = [known[name] for name in statement.names]
    async with asyncio.timeout(_WAIT_S):
        try:
            return await _fetch(pool, statement.text, values)
        except _STALE:
            await pool.expire_connections()  # the others were dropped with this one
            return await _fetch(pool, statement.text, values)


async def _fetch(pool: Pool, text: str, values: list[object]) -> list[asyncpg.Record]:
    async with pool.acquire() as conn:
        try:
            rows: list[asyncpg.Record] = await conn.fetch(text, *values)
        except _STALE:
            conn.terminate()  # or the pool may lend it again before it notices
            raise
        return rows
