"""`alpha bench`: ratios of our hot paths to a limit and to what is commonly written."""

import importlib.util
import signal
import subprocess
import sys

import typer

from local.errors import LocalError
from local.home import REPOSITORY
from local.launch import wrapped


def bench(ctx: typer.Context) -> None:
    """Run the benchmarks; `alpha bench --help` lists their options, all are passed on."""
    if importlib.util.find_spec("httpx") is None:
        raise LocalError("The benchmarks need what tests need: run ./alpha bench.")
    raise typer.Exit(_run([sys.executable, "-m", "bench", *ctx.args]))


bench.context_settings = {  # type: ignore[attr-defined]
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}


def _run(argv: list[str]) -> int:
    """Run to the end and return the exit code; Ctrl-C is the child's to handle."""
    process = subprocess.Popen(wrapped(argv, death_signal=signal.SIGTERM), cwd=REPOSITORY)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        process.terminate()
        process.wait()
        signal.signal(signal.SIGINT, before)
