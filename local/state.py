"""`run.json`: who owns the servers of a data folder, and which processes it started."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from local.errors import LocalError
from local.processes import is_same, start_mark

UP, COMMAND = "up", "command"


@dataclass(frozen=True, slots=True)
class Running:
    """One process: its pid, and the mark that tells it from a later one with this pid."""

    pid: int
    mark: str

    @property
    def is_alive(self) -> bool:
        return is_same(self.pid, self.mark)


@dataclass(frozen=True, slots=True)
class RunState:
    """What runs in a data folder."""

    kind: str  # "up", or "command" for the private servers of one command
    owner: Running
    database_url: str = ""
    redis_url: str = ""
    web_url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)  # where the sandbox stands in
    processes: Mapping[str, Running] = field(default_factory=dict)

    def with_process(self, name: str, pid: int) -> "RunState":
        """Return the state with one more (or restarted) process; unchanged when it is gone."""
        running = running_now(pid)
        if running is None:
            return self
        return replace(self, processes={**self.processes, name: running})


def running_now(pid: int) -> Running | None:
    """Identify a live process; None when there is none."""
    mark = start_mark(pid)
    return None if mark is None else Running(pid, mark)


def own_state(kind: str) -> RunState:
    """Return the state of a folder that this process has just taken."""
    pid = os.getpid()
    return RunState(kind=kind, owner=Running(pid, start_mark(pid) or ""))


def write_state(path: Path, state: RunState) -> None:
    """Replace the file in one step, so that a reader or a crash never meets half of it.

    Raises:
        LocalError: the folder cannot be written, or its disk is full.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(state), file, indent=2)
        draft.replace(path)
    except OSError as error:
        raise LocalError(f"{path} cannot be written ({error.strerror}).") from error


def read_state(path: Path) -> RunState | None:
    """Read the file, whether its owner still runs or not; None when absent or unreadable."""
    try:
        return _to_state(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def clear_state(path: Path) -> None:
    """Remove the file after a clean stop."""
    path.unlink(missing_ok=True)


def _to_state(content: dict[str, Any]) -> RunState:
    return RunState(
        kind=str(content["kind"]),
        owner=Running(**content["owner"]),
        database_url=str(content["database_url"]),
        redis_url=str(content["redis_url"]),
        web_url=str(content["web_url"]),
        settings={str(name): str(text) for name, text in content["settings"].items()},
        processes={name: Running(**entry) for name, entry in content["processes"].items()},
    )
