"""The table of processes that `alpha up` keeps running; one line adds one."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from app.cli.up.options import Options
from local.home import REPOSITORY
from local.spec import ProcessSpec

PROGRAM_STAGE, SANDBOX_STAGE = 2, 1


@dataclass(frozen=True, slots=True)
class Program:
    """A command of this command line; `{host}` and `{port}` are filled in."""

    name: str
    arguments: tuple[str, ...]


PROGRAMS = (
    Program("web", ("web", "--host", "{host}", "--port", "{port}")),
    Program("sync", ("worker", "sync")),
    Program("monitor", ("worker", "monitor")),
    Program("pipeline", ("pipeline",)),
)


def program_specs(options: Options, port: int, env: Mapping[str, str]) -> list[ProcessSpec]:
    """Return how each process of the table starts."""
    return [
        ProcessSpec(
            name=program.name,
            argv=alpha(*(word.format(host=options.host, port=port) for word in program.arguments)),
            env=env,
            cwd=REPOSITORY,
            stage=PROGRAM_STAGE,
        )
        for program in PROGRAMS
    ]


def alpha(*arguments: str) -> tuple[str, ...]:
    """Return the command line of one of our own commands."""
    return (sys.executable, "-m", "app.cli", *arguments)
