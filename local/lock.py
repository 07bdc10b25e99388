"""File locks of a data folder: one owner of its servers, any number of guests."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import LocalError

_POLL_S = 0.1


def take(path: Path, *, shared: bool = False, timeout_s: float = 0) -> int | None:
    """Lock `path`; return the descriptor that holds the lock, or None after `timeout_s` seconds.

    The kernel frees the lock when the descriptor closes, so also at kill -9. Children
    do not inherit it.

    Raises:
        LocalError: the file cannot be opened, as it belongs to another user.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalError(
            f"{path} cannot be opened ({error.strerror}): run as the user who made that "
            "folder, or set ALPHA_HOME to another one."
        ) from error
    mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    end = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, mode)
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(descriptor)
                return None
            time.sleep(_POLL_S)
        else:
            return descriptor


def release(descriptor: int) -> None:
    """Give the lock up."""
    os.close(descriptor)


@contextmanager
def held(descriptor: int) -> Iterator[None]:
    """Give the lock up at the end of the block."""
    try:
        yield
    finally:
        release(descriptor)
