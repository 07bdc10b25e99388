"""`alpha test`: every test, on servers of its own that nothing else uses."""

import importlib.util
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from local.environment import open_services
from local.errors import LocalError
from local.home import REPOSITORY
from local.launch import wrapped
from local.output import Screen
from local.resolve import ServiceUrls

_SILENT_AT_MOST_S = 4.0
_MAX_WORKERS = 4
_INTERACTIVE = {"--pdb", "--trace", "-s", "--capture=no"}
_CHOSEN_WORKERS = ("-n", "--numprocesses", "--dist", "no:xdist", "-pno:xdist")


def run_tests(
    ctx: typer.Context,
    pg_bin: Annotated[
        Path | None, typer.Option("--pg-bin", help="folder with another PostgreSQL's programs")
    ] = None,
    use_environment: Annotated[
        bool,
        typer.Option(
            "--use-environment", help="test on DATABASE_URL and REDIS_URL; their data is lost"
        ),
    ] = False,
) -> None:
    """Run the tests; every other argument goes to pytest (`alpha test tests/unit -k name`)."""
    if importlib.util.find_spec("pytest") is None:
        raise LocalError("pytest is not installed: run ./alpha test, which installs what it needs.")
    environ = _environ(pg_bin, use_environment=use_environment)
    with tempfile.TemporaryDirectory(prefix="alpha-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as somebody else
        home = Path(folder) / "servers"
        with open_services(home, environ=environ, durable=False) as urls:
            env = _test_env(environ, urls, Path(folder) / "home")
            code = _run(_command_line(ctx.args), env, is_interactive=_asks(ctx.args))
    raise typer.Exit(code)


run_tests.context_settings = {  # type: ignore[attr-defined]
    "allow_extra_args": True,
    "ignore_unknown_options": True,
}
test = run_tests


def _environ(pg_bin: Path | None, *, use_environment: bool) -> dict[str, str]:
    """Return the environment without the user's own servers, unless they are asked for."""
    environ = dict(os.environ)
    if not use_environment:
        environ = {k: v for k, v in environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    if pg_bin is not None:
        environ["ALPHA_PG_BIN"] = str(pg_bin.absolute())
    return environ


def _test_env(environ: Mapping[str, str], urls: ServiceUrls, home: Path) -> dict[str, str]:
    """Point the tests to their servers; empty URLs outweigh those of a `.env` file."""
    return {
        **environ,
        "ALPHA_TEST_DATABASE_URL": urls.database_url,
        "ALPHA_TEST_REDIS_URL": urls.redis_url,
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "ENVIRONMENT": "test",
        "ALPHA_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(REPOSITORY), environ.get("PYTHONPATH")))),
    }


def _command_line(arguments: Sequence[str]) -> list[str]:
    """Add workers unless the arguments decide; the tests of one file stay in one worker."""
    program = [sys.executable, "-m", "pytest"]
    decided = any(word.startswith(_CHOSEN_WORKERS) for word in arguments) or _asks(arguments)
    if not decided:
        workers = min(_MAX_WORKERS, 1 + max(2, os.cpu_count() or 2))  # some tests mostly wait
        # In our own order: the tests of whole processes first, they mostly wait.
        program += ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]
    if sys.stdout.isatty():
        program.append("--color=yes")
    return [*program, *arguments]


def _asks(arguments: Sequence[str]) -> bool:
    return not _INTERACTIVE.isdisjoint(arguments)


def _run(argv: Sequence[str], env: Mapping[str, str], *, is_interactive: bool) -> int:
    """Run pytest to its end and return its exit code; Ctrl-C is its to handle."""
    process = subprocess.Popen(
        wrapped(argv, death_signal=signal.SIGTERM),
        cwd=REPOSITORY,
        env=dict(env),
        stdout=None if is_interactive else subprocess.PIPE,
        stderr=None if is_interactive else subprocess.STDOUT,
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if process.stdout is not None:
            _forward(process.stdout.fileno())
        return process.wait()
    finally:
        process.terminate()
        process.wait()
        signal.signal(signal.SIGINT, before)


def _forward(source: int) -> None:
    """Pass the output on as it comes, and say something when it pauses."""
    screen = Screen()
    while True:
        readable, _, _ = select.select([source], [], [], _SILENT_AT_MOST_S)
        if not readable:
            screen.say("tests are running")
            continue
        chunk = os.read(source, 65_536)
        if not chunk:
            return
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
