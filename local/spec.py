"""What a supervised process is."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class User:
    """The unprivileged user a process runs as."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """How to start, recognise as ready, and stop one process.

    `stage` orders them: lower stages start first and stop last. `before_start` runs
    before every start, restarts included. `death_signal` is what Linux sends the
    process when its supervisor is killed. What a quiet one prints goes to its log file only.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    stage: int = 1
    is_quiet: bool = False
    user: User | None = None
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL
    stop_grace_s: float = 10
    ready: Callable[[], bool] | None = None
    ready_within_s: float = 30
    before_start: Callable[[], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Service:
    """A server of ours: its process, the URL clients use, and where its data lies."""

    spec: ProcessSpec
    url: str
    folder: Path
