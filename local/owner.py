"""Which user PostgreSQL runs as: it refuses root."""

import os
import pwd
import stat
from pathlib import Path

from local.errors import LocalError
from local.spec import User

_UNPRIVILEGED = ("postgres", "nobody")


def server_user(data_dir: Path, *near: Path) -> User | None:
    """Return the user PostgreSQL must switch to, None when this one will do (not root).

    As root: the owner of an existing data folder, else the owner of the first folder in
    `near` that is not root's (a checkout of a normal user), else `postgres` or `nobody`.

    Raises:
        LocalError: root, and the machine has no other user.
    """
    if os.geteuid() != 0:
        return None
    for path in (data_dir, *near):
        owner = _named_owner(path)
        if owner is not None:
            return owner
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_uid, entry.pw_gid, entry.pw_name)
    raise LocalError(
        "PostgreSQL does not run as root and there is no user postgres or nobody: "
        "run as a normal user or set DATABASE_URL."
    )


def _named_owner(path: Path) -> User | None:
    """Return who owns `path` when that is a known user other than root."""
    try:
        entry = pwd.getpwuid(path.stat().st_uid)
    except (OSError, KeyError):
        return None
    return User(entry.pw_uid, entry.pw_gid, entry.pw_name) if entry.pw_uid != 0 else None


def can_reach(path: Path, user: User) -> bool:
    """Whether `user` may enter every folder above `path` (mode bits; `path` need not exist)."""
    return all(_may_enter(folder, user) for folder in path.absolute().parents if folder.exists())


def _may_enter(folder: Path, user: User) -> bool:
    entry = folder.stat()
    if entry.st_uid == user.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    if entry.st_gid == user.gid:
        return bool(entry.st_mode & stat.S_IXGRP)
    return bool(entry.st_mode & stat.S_IXOTH)


def give(path: Path, user: User | None) -> None:
    """Make a folder private to `user` (mode 0700); None leaves the owner as it is."""
    path.chmod(0o700)
    if user is not None:
        os.chown(path, user.uid, user.gid)
