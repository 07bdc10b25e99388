"""`alpha record DIR --for 60`: everything the exchange sends, into a folder for `alpha replay`."""

import typer

from app.cli.child import PASSED_ON, run_module
from app.cli.services import adopt_sandbox


def record(ctx: typer.Context) -> None:
    """Record a running sandbox, else the live exchange; all options are passed on."""
    adopt_sandbox()
    raise typer.Exit(run_module("evaluation", "record", *ctx.args))


record.context_settings = PASSED_ON  # type: ignore[attr-defined]
