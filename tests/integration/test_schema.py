"""schema.sql, the migrations and the ORM say the same; row security everywhere; no float."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from app.cli.migrate import upgrade
from app.cli.schema_dump import dump_schema
from app.core.database import Pool

ROOT = Path(__file__).resolve().parents[2]
SCHEMA_SQL = ROOT / "schema.sql"


async def _execute(url: str, *scripts: str) -> None:
    conn = await asyncpg.connect(url)
    for script in scripts:
        await conn.execute(script)
    await conn.close()


@pytest.fixture(scope="module")
def make_database(database_url: str) -> Iterator[Callable[[str], str]]:
    """Make an empty database beside the test one; dropped at the end."""
    made: list[str] = []

    def run(*scripts: str) -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(_execute(database_url, *scripts))).result()

    def make(suffix: str) -> str:
        parts = urlsplit(database_url)
        name = f"{parts.path.removeprefix('/')}_{suffix}"
        run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        run(f'CREATE DATABASE "{name}"')
        made.append(name)
        return urlunsplit(parts._replace(path=f"/{name}"))

    yield make
    for name in made:
        run(f'DROP DATABASE "{name}" WITH (FORCE)')


def _upgrade(url: str, revision: str = "head") -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(upgrade, url, revision).result()


async def test_schema_sql_makes_what_the_migrations_make(
    make_database: Callable[[str], str], database_url: str
) -> None:
    url = make_database("from_schema_sql")
    await _execute(url, SCHEMA_SQL.read_text())
    assert dump_schema(url) == dump_schema(database_url)


def test_the_orm_says_what_the_migrations_make(database_url: str) -> None:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", database_url)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(command.check, config).result()


async def test_migrations_go_down_and_up_again(
    make_database: Callable[[str], str], database_url: str
) -> None:
    url = make_database("down_and_up")
    _upgrade(url)
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(command.downgrade, config, "base").result()
    _upgrade(url)
    assert dump_schema(url) == dump_schema(database_url)


async def test_four_migrators_at_once_do_no_harm(make_database: Callable[[str], str]) -> None:
    environ = {**os.environ, "DATABASE_URL": make_database("four_at_once"), "REDIS_URL": "redis://"}
    migrators = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.cli", "migrate", cwd=ROOT, env=environ
        )
        for _ in range(4)
    ]
    assert [await migrator.wait() for migrator in migrators] == [0, 0, 0, 0]


async def test_row_security_is_on_everywhere_and_public_has_nothing(pool: Pool) -> None:
    open_tables = await pool.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'alpha'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relrowsecurity"
    )
    assert [row["relname"] for row in open_tables] == []
    assert not await pool.fetchval("SELECT has_schema_privilege('public', 'alpha', 'USAGE')")


async def test_no_column_is_a_float(pool: Pool) -> None:
    floats = await pool.fetch(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'alpha' AND data_type IN ('real', 'double precision', 'money')"
    )
    assert floats == []


@pytest.mark.parametrize("price", ["1.000001", "-0.000001", "NaN"])
@pytest.mark.parametrize("column", ["last", "bid", "ask", "previous"])
async def test_a_price_outside_0_to_1_cannot_be_stored(pool: Pool, column: str, price: str) -> None:
    async with pool.acquire() as conn:
        with pytest.raises(asyncpg.CheckViolationError):
            await conn.execute(
                f"INSERT INTO alpha.market_quotes (market_id, as_of, {column})"
                f" VALUES (gen_random_uuid(), now(), '{price}')"
            )
