"""Who may run servers in a data folder: one owner at a time, guests beside it."""

import time
from collections.abc import Callable, Mapping

from local.errors import LocalError
from local.home import Home
from local.lock import release, take
from local.recovery import recover
from local.resolve import ServiceUrls
from local.state import UP, RunState, read_state

_WAIT_S, _SAY_EVERY_S = 60.0, 3.0
_GUESTS_S = 3600.0

Say = Callable[[str], None]


def take_for_up(home: Home, say: Say) -> int:
    """Become the folder's owner, and end what a killed owner left; return the lock.

    Raises:
        LocalError: `alpha up` runs in it already, or a command does not let go of it.
    """
    end = time.monotonic() + _WAIT_S
    timeout_s = 0.0
    while (lock := take(home.lock_file, timeout_s=timeout_s)) is None:
        state = live_state(home)
        if state is not None and state.kind == UP:
            raise LocalError(_already_up(home, state))
        _wait_or_give_up(home, state, say, end)
        timeout_s = _SAY_EVERY_S
    recover(home, say)
    return lock


def join_or_take(
    home: Home, environ: Mapping[str, str], say: Say
) -> tuple[ServiceUrls | None, int]:
    """Join the servers that run in the folder, else become its owner.

    Returns:
        The URLs and the guest lock; or None and the owner's lock.

    Raises:
        LocalError: somebody owns the folder and offers no servers.
    """
    end = time.monotonic() + _WAIT_S
    while True:
        guest = take(home.guests_file, shared=True, timeout_s=_SAY_EVERY_S)
        if guest is not None:
            urls = _offered(home, environ)
            if urls is not None:
                return urls, guest
            release(guest)
        lock = take(home.lock_file, timeout_s=0 if guest is None else _SAY_EVERY_S)
        if lock is not None:
            recover(home, say)
            return None, lock
        _wait_or_give_up(home, live_state(home), say, end)


def see_guests_off(home: Home, say: Say, *, patient: bool) -> int | None:
    """Let no new guest in, and wait (up to an hour when `patient`) until the present ones left.

    Returns:
        The lock that keeps guests out, None when some are still there.
    """
    end = time.monotonic() + (_GUESTS_S if patient else 0)
    while (lock := take(home.guests_file, timeout_s=_SAY_EVERY_S if patient else 0)) is None:
        if time.monotonic() >= end:
            return None
        say("other commands still use these servers; waiting for them")
    return lock


def live_state(home: Home) -> RunState | None:
    """Return what runs in the folder, None when its owner is gone."""
    state = read_state(home.state_file)
    return state if state is not None and state.owner.is_alive else None


def _offered(home: Home, environ: Mapping[str, str]) -> ServiceUrls | None:
    state = live_state(home)
    if state is None or not (state.database_url and state.redis_url):
        return None
    database_url = environ.get("DATABASE_URL") or state.database_url
    return ServiceUrls(database_url, environ.get("REDIS_URL") or state.redis_url)


def _wait_or_give_up(home: Home, state: RunState | None, say: Say, end: float) -> None:
    who = f"pid {state.owner.pid}" if state is not None else "just starting or stopping"
    if time.monotonic() >= end:
        raise LocalError(
            f"Another alpha command ({who}) uses {home.path}: wait for it, end it, or set "
            "ALPHA_HOME to another folder."
        )
    say(f"waiting for another alpha command ({who}) in {home.path}")


def _already_up(home: Home, state: RunState) -> str:
    at = f", {state.web_url}" if state.web_url else ""
    return (
        f"Alpha is already running in this folder (pid {state.owner.pid}{at}): stop it first, "
        f"or set ALPHA_HOME to another folder than {home.path}."
    )
