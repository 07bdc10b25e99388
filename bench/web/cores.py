"""Which core does what: the server has one for itself, who asks sits on another."""

import os
from collections.abc import Callable


def pinned_to(place: int) -> Callable[[], None] | None:
    """Return what a child process runs first to stay on one core; None where that cannot be.

    Args:
        place: of the cores this process may use; 0 is the server's.
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return None
    core = cores[place % len(cores)]
    return lambda: os.sched_setaffinity(0, {core})
