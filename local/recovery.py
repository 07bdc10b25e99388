"""After a supervisor was killed: ends what it left running, before anything new starts."""

import signal
from collections.abc import Callable

from local.home import Home
from local.processes import kill_group, outwait, send_signal
from local.state import Running, clear_state, read_state

_SERVERS = ("postgres", "redis")


def recover(home: Home, say: Callable[[str], None]) -> list[str]:
    """End the leftovers of an earlier run; return their names. The caller holds the lock.

    Only processes whose start mark matches the recorded one are touched. Programs go
    first, so that the servers can then stop cleanly.
    """
    state = read_state(home.state_file)
    if state is None:
        return []
    left = {name: one for name, one in state.processes.items() if one.is_alive}
    if left:
        say(f"an earlier run was killed; ending what it left: {', '.join(left)}")
    programs = [one for name, one in left.items() if name not in _SERVERS]
    _end(programs, signal.SIGTERM, grace_s=3)
    _end([left[name] for name in _SERVERS[1:] if name in left], signal.SIGTERM, grace_s=3)
    _end([left[name] for name in _SERVERS[:1] if name in left], signal.SIGINT, grace_s=8)
    clear_state(home.state_file)
    return list(left)


def _end(processes: list[Running], number: int, *, grace_s: float) -> None:
    alive = [one for one in processes if one.is_alive]
    for one in alive:
        send_signal(one.pid, number)
    outwait([one.pid for one in alive], grace_s=grace_s)
    for one in alive:
        kill_group(one.pid)
