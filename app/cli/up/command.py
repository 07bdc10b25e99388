"""The command itself: options in, exit code out."""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.cli.services import known_environment
from app.cli.up.options import Options
from app.cli.up.run import Run
from app.cli.up.summary import EMPTY, missing_work, to_text
from local.errors import LocalError
from local.home import Home, home_path, open_home
from local.lock import held
from local.output import Screen
from local.ownership import take_for_up

_PUSHED_WITHIN_S = 90.0  # a fresh sandbox shocks a held market after 20 s


def up(
    for_s: Annotated[
        float | None, typer.Option("--for", help="stop after this many seconds", min=1)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print the result as one JSON object at the end")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="no sandbox: talk to the vendors of the settings")
    ] = False,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="port to listen on; 0 takes a free one", min=0, max=65535)
    ] = 8000,
) -> None:
    """Run everything on this machine: database, Redis, sandbox, API and workers."""
    options = Options(host=host, port=port, for_s=for_s, is_live=live, as_json=as_json)
    screen = Screen()
    environ = known_environment()
    home = open_home(home_path(environ))
    try:
        with held(take_for_up(home, screen.say)):
            code = _run(home, options, environ, screen)
    except LocalError as error:
        _print_json(options, {**EMPTY, "ok": False, "reason": str(error)})
        raise
    raise typer.Exit(code)


def _run(home: Home, options: Options, environ: Mapping[str, str], screen: Screen) -> int:
    async def run() -> tuple[Run, dict[str, Any]]:
        one = Run(home, options, environ, screen)
        return one, await one.run()

    done, summary = asyncio.run(run())
    if options.for_s is None:
        _print_json(options, {**summary, "ok": True})
        return 0
    has_time = options.for_s >= _PUSHED_WITHIN_S and not options.is_live
    reason = missing_work(summary, was_ready=done.was_ready, expects_pushes=has_time)
    screen.say(f"after {done.elapsed_s:.0f} s: {to_text(summary)}")
    if done.stopped_by:
        reason = "stopped before its time"
    if reason is not None:
        screen.say(f"{reason[0].upper()}{reason[1:]}.")
    _print_json(options, {**summary, "ok": reason is None, "reason": reason})
    return 0 if reason is None else 1


def _print_json(options: Options, summary: Mapping[str, Any]) -> None:
    if options.as_json:
        sys.stdout.write(json.dumps(summary) + "\n")
        sys.stdout.flush()
