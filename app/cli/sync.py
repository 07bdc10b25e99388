"""`alpha sync EXCHANGE`: one full sync now, with a progress bar on a terminal."""

import asyncio
import json
import sys
from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.actions.sync_catalogue import CatalogueSync
from app.cli.migrate import upgrade
from app.cli.services import local_services
from app.core.clock import Clock, SystemClock
from app.core.config import Settings
from app.core.database import create_pool
from app.core.errors import OperatorError
from app.core.log import configure_logging
from app.domain.types import Exchange
from app.services.kalshi import open_kalshi_markets
from app.services.ports import MarketSource
from app.store import catalogue_life


def sync(
    exchange: Annotated[str, typer.Argument(help="kalshi")],
    as_json: Annotated[bool, typer.Option("--json", help="print the counts as JSON")] = False,
) -> None:
    """Sync one exchange's whole catalogue into the database."""
    with local_services() as settings:
        configure_logging(settings.app.log_level, settings.app.log_format)
        upgrade(settings.app.database_url.get_secret_value())
        counts = asyncio.run(_sync(settings, exchange))
    if as_json:
        sys.stdout.write(json.dumps(dict(sorted(counts.items()))) + "\n")


def _source(settings: Settings, exchange: str, clock: Clock) -> MarketSource:
    sources: dict[str, MarketSource] = {
        Exchange.KALSHI: open_kalshi_markets(settings.kalshi, clock)
    }
    if exchange not in sources:
        raise OperatorError(f"{exchange!r} cannot be synced: choose one of {', '.join(sources)}.")
    return sources[exchange]


async def _sync(settings: Settings, exchange: str) -> Counter[str]:
    clock = SystemClock(settings.app.clock_at)
    source = _source(settings, exchange, clock)
    pool = await create_pool(settings.app.database_url.get_secret_value(), size=2)
    try:
        async with pool.acquire() as conn:
            known = (await catalogue_life.count_catalogue(conn))["markets"]
        with _progress() as progress:
            bar = progress.add_task("starting", total=known or None, rows="")
            job = CatalogueSync(
                pool,
                source,
                clock,
                on_progress=lambda stage, rows: progress.update(
                    bar, description=stage, completed=rows, rows=f"{rows:,} rows"
                ),
            )
            return await job.run_full()
    finally:
        await source.close()
        await pool.close()


def _progress() -> Progress:
    """Return a bar on a terminal; elsewhere the log's line per stage speaks."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
