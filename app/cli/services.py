"""Where a command finds its database, its Redis and, beside a running sandbox, its vendors."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.core.config import Settings, get_settings
from local.environment import open_services
from local.home import Home, home_path
from local.ownership import live_state


def known_environment() -> dict[str, str]:
    """Return the environment, completed by what `.env` says about the two servers."""
    app = get_settings().app
    given = {
        "DATABASE_URL": app.database_url.get_secret_value(),
        "REDIS_URL": app.redis_url.get_secret_value(),
    }
    return {**os.environ, **{name: url for name, url in given.items() if url}}


@contextmanager
def local_services() -> Iterator[Settings]:
    """Yield settings whose database and Redis answer.

    Those of `DATABASE_URL` and `REDIS_URL` (environment or `.env`) come first, then
    the ones of a running `./alpha up`, then private ones for the length of the command.

    Raises:
        LocalError: none of these can be had; one sentence says why.
    """
    with open_services(environ=known_environment()) as urls:
        adopt({"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url})
        adopt_sandbox()
        yield get_settings()


def adopt_sandbox() -> None:
    """Take the vendor settings of a running `./alpha up`, so that worlds never mix."""
    state = live_state(Home(home_path(os.environ)))
    if state is not None and os.environ.get("DATABASE_URL") in (None, "", state.database_url):
        adopt({k: v for k, v in state.settings.items() if k not in os.environ})


def adopt(settings: Mapping[str, str]) -> None:
    """Put settings into the environment and read it anew."""
    os.environ.update(settings)
    get_settings.cache_clear()
