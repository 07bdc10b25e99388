"""Starting a process so that it cannot outlive us, as the right user."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.errors import LocalError
from local.spec import ProcessSpec, User

_CHILD = str(Path(__file__).with_name("child.py"))
_KEPT = ("PATH", "TMPDIR", "SYSTEMROOT")


def wrapped(argv: Sequence[str], *, user: User | None = None, death_signal: int = 0) -> list[str]:
    """Put the small launcher in front of a command line (see `local/child.py`)."""
    uid, gid = (user.uid, user.gid) if user else (-1, -1)
    launcher = [sys.executable, "-I", "-S", _CHILD]
    return [*launcher, str(uid), str(gid), str(int(death_signal)), str(os.getpid()), *argv]


def command_line(spec: ProcessSpec) -> list[str]:
    """Return the full command line of a supervised process."""
    return wrapped(spec.argv, user=spec.user, death_signal=spec.death_signal)


def server_env() -> dict[str, str]:
    """Return a small environment for servers, in which no PG* variable surprises them."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def start(spec: ProcessSpec, output: int) -> subprocess.Popen[bytes]:
    """Start a process in its own session, its output to the descriptor `output`.

    Raises:
        LocalError: the program cannot be started.
    """
    try:
        return subprocess.Popen(
            command_line(spec),
            env=dict(spec.env),
            cwd=spec.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise LocalError(f"{spec.name} cannot be started: {error.strerror}.") from error


def run_once(
    argv: Sequence[str], *, env: Mapping[str, str], user: User | None = None, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """Run a short program to its end and return its output (both streams in `stdout`).

    Raises:
        LocalError: it cannot be started or does not end within `timeout_s` seconds.
    """
    try:
        return subprocess.run(
            wrapped(argv, user=user),
            env=dict(env),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalError(f"{argv[0]} did not run: {error}.") from error
