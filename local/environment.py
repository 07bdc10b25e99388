"""Services for one command: those of a running `alpha up`, else private ones for its duration."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from local.home import Home, home_path, open_home
from local.lock import release
from local.oneshot import running_servers, terminable
from local.output import Screen
from local.ownership import join_or_take, see_guests_off
from local.resolve import ServiceUrls, external_urls, prepare_services
from local.state import COMMAND, clear_state, own_state, write_state

Say = Callable[[str], None]


@contextmanager
def open_services(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    say: Say | None = None,
    durable: bool = True,
) -> Iterator[ServiceUrls]:
    """Yield the URLs of a database and a Redis that answer.

    In this order: `DATABASE_URL` and `REDIS_URL`, the servers somebody already runs in
    the data folder, private ones that stop at the end of the block (after commands
    that joined them). Call it from the main thread.

    Args:
        path: data folder; by default `ALPHA_HOME`, else `.alpha` beside the code.
        environ: settings to obey; by default the process environment.
        say: receives a line whenever this takes a while; by default standard error.
        durable: False is for tests: data survives kill -9, not a loss of power.

    Raises:
        LocalError: one sentence that says what stands in the way.
    """
    settings = os.environ if environ is None else environ
    tell = say or Screen().say
    outside = external_urls(settings)
    if outside is not None:
        yield outside
        return
    home = open_home(path or home_path(settings))
    with ExitStack() as stack:
        stack.enter_context(terminable())
        urls, lock = join_or_take(home, settings, tell)
        stack.callback(release, lock)
        if urls is not None:
            yield urls
            return
        yield from _own(home, settings, tell, durable=durable)


def _own(
    home: Home, settings: Mapping[str, str], say: Say, *, durable: bool
) -> Iterator[ServiceUrls]:
    """Run private servers in a folder this process owns; the last one out stops them."""
    patient = False
    with ExitStack() as stack:
        guests = stack.enter_context(ExitStack())
        state = own_state(COMMAND)

        def record(name: str, pid: int) -> None:
            nonlocal state
            state = state.with_process(name, pid)
            write_state(home.state_file, state)

        services = prepare_services(home, settings, say=say, durable=durable)
        stack.callback(clear_state, home.state_file)
        stack.enter_context(running_servers(home, services.own, say, record))
        urls = services.urls
        state = replace(state, database_url=urls.database_url, redis_url=urls.redis_url)
        write_state(home.state_file, state)
        try:
            yield urls
            patient = True
        finally:
            door = see_guests_off(home, say, patient=patient)
            if door is not None:
                guests.callback(release, door)
