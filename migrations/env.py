"""Alembic environment: one migrator at a time, short lock waits, schema `alpha`."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.config import get_settings
from app.core.database import SCHEMA, Base, sqlalchemy_url
from app.models import db

TARGET = Base.metadata
MODELS = db.__all__  # imported for their tables
PARTITIONS = ("market_ticks_p", "market_ticks_default")
MIGRATOR_LOCK = 0x616C7068  # any number, the same in every process


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """Leave out other schemas, dated partitions and the optional search indexes."""
    if kind == "schema":
        return name == SCHEMA
    text_name = name or ""
    return not text_name.endswith("_search_idx") and not text_name.startswith(PARTITIONS)


def _migrate(connection: Connection) -> None:
    connection.execute(text(f"SELECT pg_advisory_lock({MIGRATOR_LOCK})"))
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=TARGET,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=_is_ours,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _connect_and_migrate() -> None:
    url = context.config.get_main_option("sqlalchemy.url") or ""
    engine = create_async_engine(
        sqlalchemy_url(url or get_settings().app.database_url.get_secret_value()),
        poolclass=pool.NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Alpha migrates a live database only; schema.sql holds the whole schema.")
asyncio.run(_connect_and_migrate())
