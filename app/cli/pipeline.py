"""`alpha pipeline`: from a move to a push, in a process of its own."""

import asyncio
import signal
from contextlib import suppress

import typer

from app.cli.services import local_services
from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.log import configure_logging
from app.core.pipelines import run_whole_pipeline


def pipeline() -> None:
    """Watch the markets, decide, write, tell people: everything between ticks and phones."""
    with local_services() as settings:
        configure_logging(settings.app.log_level, settings.app.log_format)
        if not settings.firebase.has_credentials:
            typer.echo("No FIREBASE_CREDENTIALS_PATH: nothing will reach a phone.", err=True)
        with suppress(asyncio.CancelledError):
            asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    clock = SystemClock(settings.app.clock_at)
    running = asyncio.create_task(run_whole_pipeline(settings, clock))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    await running
