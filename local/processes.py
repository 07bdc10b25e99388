"""Processes of this machine, identified safely: a pid alone may belong to another one later."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import psutil

_POLL_S = 0.02


def start_mark(pid: int) -> str | None:
    """Return what tells this process from a later one with the same pid, None when it is gone.

    Linux: boot id and start tick, which no clock change moves; elsewhere the start time.
    """
    try:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return None
        if psutil.LINUX:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return f"{_boot_id()}:{fields[19]}"
        return f"{psutil.Process(pid).create_time():.2f}"
    except (psutil.Error, OSError):
        return None


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def is_same(pid: int, mark: str) -> bool:
    """Whether the process recorded as (pid, mark) still runs."""
    return start_mark(pid) == mark


def working_in(folder: Path, name: str) -> list[int]:
    """List the processes called `name` whose working directory is `folder`."""
    wanted = os.path.realpath(folder)
    return [process.pid for process in psutil.process_iter() if _works_in(process, wanted, name)]


def _works_in(process: psutil.Process, folder: str, name: str) -> bool:
    try:
        alive = process.name() == name and process.status() != psutil.STATUS_ZOMBIE
        return alive and process.cwd() == folder
    except (psutil.Error, OSError):
        return False


def send_signal(pid: int, number: int) -> None:
    """Signal one process; one that is gone is fine."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def kill_group(pid: int, number: int = signal.SIGKILL) -> None:
    """Signal the process group that `pid` leads; none left is fine."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Poll `condition` until true; return False when `timeout_s` seconds passed first."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(_POLL_S)
    return True


def outwait(pids: Iterable[int], *, grace_s: float) -> None:
    """Wait for processes to end; SIGKILL those still there after `grace_s` seconds."""
    marks = {pid: mark for pid in pids if (mark := start_mark(pid)) is not None}

    def left() -> list[int]:
        return [pid for pid, mark in marks.items() if is_same(pid, mark)]

    if not wait_until(lambda: not left(), grace_s):
        for pid in left():
            send_signal(pid, signal.SIGKILL)
        wait_until(lambda: not left(), 5)
