"""PostgreSQL's data folder: made once, by one major version, and never half made."""

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from local.addresses import new_password
from local.binaries import ServerBinary
from local.errors import LocalError
from local.launch import run_once, server_env
from local.owner import give
from local.placement import Placement

_INITDB_TIMEOUT_S = 120


def ensure_cluster(placement: Placement, server: ServerBinary, *, durable: bool) -> str:
    """Create the data folder when there is none; return the password for TCP sessions.

    The folder is filled under another name and renamed, so an interrupted start
    leaves none. `durable` decides whether it is flushed to the disk.

    Raises:
        LocalError: it belongs to another major version or user, or cannot be made.
    """
    if placement.data_dir.exists():
        check_major(placement.data_dir, server)
    else:
        _create(placement, server, durable=durable)
    try:
        return _password_file(placement).read_text(encoding="ascii")
    except OSError as error:
        raise _foreign(placement.base, error) from error


def read_major(data_dir: Path) -> int | None:
    """Return the PostgreSQL major version of a data folder, None when it is not one.

    Raises:
        LocalError: it belongs to another user.
    """
    try:
        return int((data_dir / "PG_VERSION").read_text(encoding="ascii"))
    except PermissionError as error:
        raise _foreign(data_dir, error) from error
    except (OSError, ValueError):
        return None


def check_major(data_dir: Path, server: ServerBinary) -> None:
    """Refuse a data folder that this server cannot read.

    Raises:
        LocalError: with the ways out.
    """
    major = read_major(data_dir)
    if major is None:
        raise LocalError(
            f"{data_dir} is not a PostgreSQL data folder: remove it, or set ALPHA_HOME to another."
        )
    if major != server.version[0]:
        raise LocalError(
            f"The data in {data_dir} belongs to PostgreSQL {major}, the server found is {server}: "
            f"set ALPHA_PG_BIN to the programs of PostgreSQL {major}, set ALPHA_HOME to another "
            "folder, or remove that one to start afresh."
        )


def _create(placement: Placement, server: ServerBinary, *, durable: bool) -> None:
    draft = placement.data_dir.with_name("postgres.new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        give(draft, placement.user)
        _write_password(placement)
        _run_initdb(placement, server, draft, () if durable else ("--no-sync",))
        draft.rename(placement.data_dir)
    except OSError as error:
        raise _foreign(placement.base, error) from error


def _run_initdb(
    placement: Placement, server: ServerBinary, draft: Path, options: Sequence[str]
) -> None:
    """Run initdb; a machine without the locale C.UTF-8 gets C, which sorts alike."""
    program = [str(placement.bin_dir / "initdb"), "-D", str(draft), "-U", "postgres"]
    program += ["--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8"]
    program += [f"--pwfile={_password_file(placement)}", *options]
    output = ""
    for locale in ("C.UTF-8", "C"):
        done = run_once(
            [*program, f"--locale={locale}"],
            env=server_env(),
            user=placement.user,
            timeout_s=_INITDB_TIMEOUT_S,
        )
        if done.returncode == 0:
            return
        output = output or done.stdout
    shutil.rmtree(draft, ignore_errors=True)
    raise LocalError(f"PostgreSQL {server} could not create its data folder: {_reason(output)}")


def _reason(output: str) -> str:
    """Pick the line that says why."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "FATAL" in line]
    return (errors or lines or ["no reason given"])[0][:300]


def _password_file(placement: Placement) -> Path:
    return placement.base / "postgres.password"


def _write_password(placement: Placement) -> None:
    path = _password_file(placement)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_password())
    if placement.user is not None:
        os.chown(path, placement.user.uid, placement.user.gid)


def _foreign(path: Path, error: OSError) -> LocalError:
    way_out = "run as the user who made it, or set ALPHA_HOME to another folder"
    if error.errno == errno.ENOSPC:
        way_out = "make room on that disk, or set ALPHA_HOME to a folder on another"
    return LocalError(f"{path} cannot be used ({error.strerror}): {way_out}.")
