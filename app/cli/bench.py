"""`alpha bench`: ratios of our hot paths to a limit and to what is commonly written."""

import importlib.util

import typer

from app.cli.child import PASSED_ON, run_module
from local.errors import LocalError


def bench(ctx: typer.Context) -> None:
    """Run the benchmarks; `alpha bench --help` lists their options, all are passed on."""
    if importlib.util.find_spec("httpx") is None:
        raise LocalError("The benchmarks need what tests need: run ./alpha bench.")
    raise typer.Exit(run_module("bench", *ctx.args))


bench.context_settings = PASSED_ON  # type: ignore[attr-defined]
