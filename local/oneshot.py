"""Servers for the duration of one block, without restarts."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from local.errors import LocalError
from local.home import Home
from local.launch import start
from local.output import last_line, open_log
from local.processes import kill_group, send_signal
from local.spec import ProcessSpec, Service

_POLL_S = 0.02
_SAY_EVERY_S = 3.0

Say = Callable[[str], None]


@contextmanager
def running_servers(
    home: Home, services: Sequence[Service], say: Say, started: Callable[[str, int], None]
) -> Iterator[None]:
    """Start servers, wait until they are ready, and stop them at the end of the block.

    Args:
        home: where their output goes (`log/<name>.log`).
        services: in the order of their start.
        say: receives a line when one takes long.
        started: called with name and pid after each start.

    Raises:
        LocalError: one does not become ready; the others are stopped.
    """
    with ExitStack() as stack:
        begun = []
        for service in services:
            process = _start(home, service.spec)
            stack.callback(_stop, process, service.spec)
            started(service.spec.name, process.pid)
            begun.append((process, service.spec))
        for process, spec in begun:
            _wait_ready(home, process, spec, say)
        yield


@contextmanager
def terminable() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit, so that blocks are left in order."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    mine = [number for number, handler in before.items() if handler is signal.SIG_DFL]
    for number in mine:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


def _start(home: Home, spec: ProcessSpec) -> subprocess.Popen[bytes]:
    if spec.before_start is not None:
        spec.before_start()
    with open_log(home.log_dir / f"{spec.name}.log") as output:
        return start(spec, output.fileno())


def _stop(process: subprocess.Popen[bytes], spec: ProcessSpec) -> None:
    if process.poll() is None:
        send_signal(process.pid, spec.stop_signal)
        try:
            process.wait(spec.stop_grace_s)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
    process.wait()


def _wait_ready(home: Home, process: subprocess.Popen[bytes], spec: ProcessSpec, say: Say) -> None:
    end = time.monotonic() + spec.ready_within_s
    say_at = time.monotonic() + _SAY_EVERY_S
    while spec.ready is not None and not spec.ready():
        now = time.monotonic()
        if process.poll() is not None or now >= end:
            what = "does not start" if process.poll() is not None else "is not ready in time"
            log = home.log_dir / f"{spec.name}.log"
            raise LocalError(f"{spec.name} {what}: {last_line(log) or 'no reason'} (log: {log})")
        if now >= say_at:
            say(f"waiting for {spec.name}")
            say_at = now + _SAY_EVERY_S
        time.sleep(_POLL_S)
