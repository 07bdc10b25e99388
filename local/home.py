"""The data folder (`.alpha/` or `ALPHA_HOME`) and the names inside it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Home:
    """A data folder of this user, mode 0700 (0711 when another user runs PostgreSQL in it)."""

    path: Path

    @property
    def state_file(self) -> Path:
        return self.path / "run.json"

    @property
    def lock_file(self) -> Path:
        return self.path / "lock"

    @property
    def guests_file(self) -> Path:
        return self.path / "guests"

    @property
    def log_dir(self) -> Path:
        return self.path / "log"

    @property
    def ports_dir(self) -> Path:
        return self.path / "ports"

    @property
    def redis_dir(self) -> Path:
        return self.path / "redis"


def home_path(environ: Mapping[str, str]) -> Path:
    """Name the data folder: `ALPHA_HOME`, else `.alpha` beside the code; nothing is created."""
    chosen = environ.get("ALPHA_HOME", "").strip()
    return Path(chosen).expanduser().absolute() if chosen else REPOSITORY / ".alpha"


def open_home(path: Path) -> Home:
    """Create the data folder, private to this user.

    Raises:
        LocalError: it cannot be made or written.
    """
    home = Home(path)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (home.log_dir, home.redis_dir, home.ports_dir):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _unusable(path, error.strerror) from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise _unusable(path, "permission denied")
    return home


def _unusable(path: Path, reason: str | None) -> LocalError:
    return LocalError(
        f"The data folder {path} cannot be used ({reason or 'unknown reason'}): "
        "set ALPHA_HOME to a folder you can write."
    )
