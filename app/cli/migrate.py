"""`alpha migrate`: bring the schema to the newest version and make partitions ahead."""

import asyncio
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from app.cli.schema_dump import dump_schema
from app.cli.services import local_services
from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import create_pool
from app.core.errors import OperatorError
from app.store.partitions import create_partitions

ROOT = Path(__file__).resolve().parents[2]


def migrate(
    dump: Annotated[
        Path | None, typer.Option(help="also write the whole schema to this file, as SQL")
    ] = None,
) -> None:
    """Bring the database schema to the newest version; safe to repeat, one at a time."""
    with local_services() as settings:
        url = settings.app.database_url.get_secret_value()
        upgrade(url)
        asyncio.run(_make_partitions(settings))
        if dump is not None:
            dump.write_text(dump_schema(url))


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations of the database at `url`.

    Raises:
        OperatorError: the server does not answer or refuses.
    """
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        command.upgrade(config, revision)
    except (OSError, TimeoutError, asyncpg.PostgresError, DBAPIError) as error:
        reason = getattr(error, "orig", error)
        raise OperatorError(f"The database cannot be migrated: {reason}") from error


async def _make_partitions(settings: Settings) -> None:
    pool = await create_pool(settings.app.database_url.get_secret_value(), size=1)
    async with pool.acquire() as conn:
        await create_partitions(conn, now=SystemClock(settings.app.clock_at).now())
    await pool.close()
