"""Which core does what: the server has one for itself, who asks sits on another."""

import os

SERVER, CLIENT = 0, 1


def pin(pid: int, place: int) -> None:
    """Keep a process on one core; where that cannot be, the kernel chooses.

    Args:
        place: `SERVER` or `CLIENT`, among the cores this process may use.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(pid, {cores[place % len(cores)]})
