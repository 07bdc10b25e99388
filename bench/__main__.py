"""`python -m bench`: run the paths and print their ratios."""

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from app.core.log import configure_logging
from bench.arena import Arena, open_arena
from bench.contest import BenchError, Path, Scale
from bench.figures import Outcome
from bench.machine import describe_machine
from bench.paths import choose_paths
from bench.report import print_table, to_json
from bench.rounds import Say, run_path
from local.errors import LocalError
from local.output import Screen

_LOG_WIDTH = 150


def bench(
    quick: Annotated[bool, typer.Option("--quick", help="small sizes, within 90 s")] = False,
    only: Annotated[str, typer.Option(help="paths by name or its start, comma between")] = "",
    rounds: Annotated[int, typer.Option(help="0 = 5, or 2 with --quick", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object last")] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="exit 1 when a ratio is 20 % below its target")
    ] = False,
) -> None:
    """Measure our hot paths against a limit and against what is commonly written."""
    paths = choose_paths([word.strip() for word in only.split(",") if word.strip()])
    scale = Scale(is_quick=quick, rounds=rounds or (2 if quick else 5))
    say = Screen().say
    configure_logging("WARNING")
    with open_arena(say) as arena:
        machine = describe_machine(arena.server_version)
        outcomes = asyncio.run(_run_all(paths, arena, scale, say))
    print_table(_console(), machine, outcomes, is_quick=quick)
    if as_json:
        found = to_json(machine, scale.rounds, outcomes, is_quick=quick)
        sys.stdout.write(json.dumps(found) + "\n")
    if gate and any(outcome.is_gated_out for outcome in outcomes):
        raise typer.Exit(1)


def _console() -> Console:
    """Return standard error, wide enough for the table where it is no terminal."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else _LOG_WIDTH)


async def _run_all(paths: list[Path], arena: Arena, scale: Scale, say: Say) -> list[Outcome]:
    async with arena.shared:
        return [await run_path(path, arena, scale, say) for path in paths]


def main() -> None:
    """Run; a wrong result or a missing server is one line and exit code 1."""
    try:
        typer.run(bench)
    except (BenchError, LocalError) as error:
        sys.exit(f"bench: {error}")


if __name__ == "__main__":
    main()
