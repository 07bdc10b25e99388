"""`alpha stream`: the exchanges' firehoses in a process of their own."""

import asyncio
import signal
from contextlib import suppress

import typer

from app.cli.services import local_services
from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.firehoses import FIREHOSES, run_firehoses
from app.core.log import configure_logging


def stream() -> None:
    """Run the firehoses until stopped; set STREAM_IN_WEB=false so that `web` leaves them alone."""
    with local_services() as settings:
        configure_logging(settings.app.log_level, settings.app.log_format)
        typer.echo(f"Streaming {', '.join(FIREHOSES)}", err=True)
        with suppress(asyncio.CancelledError):
            asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    running = asyncio.create_task(run_firehoses(settings, SystemClock(settings.app.clock_at)))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    await running
