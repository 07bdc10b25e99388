"""`alpha replay DIR`: a recording through the real pipeline, on a virtual clock."""

import typer

from app.cli.child import PASSED_ON, run_module


def replay(ctx: typer.Context) -> None:
    """Replay a folder and print its decisions; `alpha replay --help` lists the options."""
    raise typer.Exit(run_module("evaluation", "replay", *ctx.args))


replay.context_settings = PASSED_ON  # type: ignore[attr-defined]
