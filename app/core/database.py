"""PostgreSQL connections: an asyncpg pool for workers, an SQLAlchemy engine for routes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from app.core.errors import OperatorError

SCHEMA = "alpha"
Pool = asyncpg.Pool
Conn = asyncpg.Connection | PoolConnectionProxy

dump_json = msgspec.json.Encoder(decimal_format="number").encode
load_json = msgspec.json.Decoder(float_hook=Decimal).decode

CONNECTION_LOST = (  # the database is away, whatever was asked of it
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InternalClientError,  # the server's last words on a connection it dropped
)

_APPLICATION = "alpha"
_JSONB_VERSION = b"\x01"
_TRANSACTION_POOLER_PORT = 6543


class Base(DeclarativeBase):
    """Declarative base of every ORM model; all tables live in schema `alpha`."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        },
    )


def asyncpg_dsn(url: str) -> str:
    """Turn any accepted `DATABASE_URL` spelling into one that asyncpg reads.

    Raises:
        OperatorError: no URL, or not a PostgreSQL one.
    """
    if not url:
        raise OperatorError("DATABASE_URL is not set: set it, or run through ./alpha.")
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
        raise OperatorError(
            "DATABASE_URL must start with postgresql:// (or postgresql+asyncpg://)."
        )
    query = [(key, text) for key, text in parse_qsl(parts.query) if key != "prepared_statements"]
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(query, safe="/"), ""))


def sqlalchemy_url(url: str) -> str:
    """Turn any accepted `DATABASE_URL` spelling into SQLAlchemy's."""
    return asyncpg_dsn(url).replace("postgresql://", "postgresql+asyncpg://", 1)


def _cache_size(url: str) -> int:
    """Return 0 behind a transaction pooler, which breaks named prepared statements."""
    return 0 if urlsplit(url).netloc.endswith(f":{_TRANSACTION_POOLER_PORT}") else 200


def _server_settings(timeout_s: float) -> Mapping[str, str]:
    return {
        "application_name": _APPLICATION,
        "search_path": f"{SCHEMA},public,extensions",
        "statement_timeout": str(int(timeout_s * 1000)),
        "idle_in_transaction_session_timeout": "60000",
        "jit": "off",
        "timezone": "UTC",
    }


def _encode_jsonb(document: object) -> bytes:
    return _JSONB_VERSION + dump_json(document)


def _decode_jsonb(stored: bytes) -> object:
    return load_json(stored[1:])


async def _prepare_connection(conn: asyncpg.Connection) -> None:
    """Read and write JSONB in its binary format, the only one that COPY takes."""
    await conn.set_type_codec(
        "jsonb", encoder=_encode_jsonb, decoder=_decode_jsonb, schema="pg_catalog", format="binary"
    )


def _pool_options(url: str, size: int, timeout_s: float) -> dict[str, Any]:
    return {
        "dsn": asyncpg_dsn(url),
        "max_size": size,
        "command_timeout": timeout_s + 5,
        "timeout": 5,
        "statement_cache_size": _cache_size(url),
        "server_settings": dict(_server_settings(timeout_s)),
        "init": _prepare_connection,
    }


async def create_pool(url: str, *, size: int = 5, statement_timeout_s: float = 30) -> Pool:
    """Open the asyncpg pool of a worker or pipeline process.

    Raises:
        OperatorError: the URL is wrong or the server does not answer.
    """
    options = _pool_options(url, size, statement_timeout_s)
    try:
        return await asyncpg.create_pool(min_size=1, **options)
    except (OSError, asyncpg.PostgresError, ValueError) as error:
        raise OperatorError(
            f"Cannot reach the database: {type(error).__name__}. Check DATABASE_URL."
        ) from error


async def create_read_pool(url: str, *, size: int = 5, statement_timeout_s: float = 3) -> Pool:
    """Open the asyncpg pool of the web process: single statements, no state between them.

    It connects on first use, so the process starts while the database is away, saves
    the reset (a round trip) that other pools do when a connection comes back, and its
    short statements never start parallel workers.

    Raises:
        OperatorError: the URL is wrong.
    """
    options = _pool_options(url, size, statement_timeout_s)
    options["server_settings"]["max_parallel_workers_per_gather"] = "0"
    return await asyncpg.create_pool(min_size=0, reset=_keep_session, **options)


async def _keep_session(_: asyncpg.Connection) -> None:
    """Leave a connection as it is."""


def create_engine(url: str, *, size: int = 5, statement_timeout_s: float = 3) -> AsyncEngine:
    """Create the SQLAlchemy engine of the web process; connects on first use."""
    cache = _cache_size(url)
    connect_args: dict[str, Any] = {
        "server_settings": dict(_server_settings(statement_timeout_s)),
        "timeout": 5,
        "command_timeout": statement_timeout_s + 2,
        "statement_cache_size": cache,
        "prepared_statement_cache_size": cache,
    }
    return create_async_engine(
        sqlalchemy_url(url),
        pool_size=size,
        max_overflow=size,
        pool_pre_ping=True,
        pool_timeout=5,
        connect_args=connect_args,
        json_serializer=lambda document: dump_json(document).decode(),
        json_deserializer=load_json,
    )
