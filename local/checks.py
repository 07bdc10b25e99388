"""Checks of this machine for `alpha doctor`; each returns what it found and never raises."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import asyncpg
import redis.asyncio as aioredis
from redis.exceptions import RedisError

from local.addresses import port_problem
from local.binaries import ServerBinary
from local.cluster import check_major
from local.errors import LocalError
from local.home import Home, home_path
from local.ownership import live_state
from local.placement import existing_data_dir
from local.resolve import External, choose_postgres, choose_redis
from local.state import UP

_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `detail` is a sentence, and says what to do when `ok` is False."""

    name: str
    ok: bool
    detail: str


def check_services(environ: Mapping[str, str]) -> list[Check]:
    """Say which PostgreSQL and which Redis a run here would use."""
    return [
        _choice("postgres", "DATABASE_URL", lambda: choose_postgres(environ)),
        _choice("redis", "REDIS_URL", lambda: choose_redis(environ)),
    ]


def check_data_folder(environ: Mapping[str, str]) -> Check:
    """Check that the data folder can be used, and by the PostgreSQL found here."""
    home = Home(home_path(environ))
    place = home.path if home.path.exists() else home.path.parent
    if not os.access(place, os.W_OK | os.X_OK):
        detail = f"{place} cannot be written: set ALPHA_HOME to a folder you can write."
        return Check("data folder", False, detail)
    data_dir = existing_data_dir(home)
    try:
        server = choose_postgres(environ)
        if data_dir is not None and isinstance(server, ServerBinary):
            check_major(data_dir, server)
    except LocalError as error:
        return Check("data folder", False, str(error))
    return Check("data folder", True, f"{home.path}" + ("" if data_dir else " (empty)"))


def check_port(host: str, port: int, environ: Mapping[str, str]) -> Check:
    """Check that the web process could listen there, or that our own `up` does."""
    problem = port_problem(host, port) if port else None
    if problem is None:
        return Check("port", True, f"{host}:{port} is free")
    state = live_state(Home(home_path(environ)))
    if state is not None and state.kind == UP and state.web_url.endswith(f":{port}"):
        return Check("port", True, f"alpha up (pid {state.owner.pid}) serves {state.web_url}")
    return Check("port", False, f"{problem}: choose another with --port.")


async def check_database(url: str) -> Check:
    """Connect to a database and ask for its version; the detail never holds a password."""
    where = _place(url)
    dsn = url.replace("postgresql+asyncpg://", "postgresql://", 1)
    try:
        conn = await asyncpg.connect(dsn, timeout=_TIMEOUT_S)
        try:
            version = await conn.fetchval("SHOW server_version", timeout=_TIMEOUT_S)
        finally:
            await conn.close(timeout=_TIMEOUT_S)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as e:
        return Check("database", False, f"{where}: {_reason(e)}; check DATABASE_URL.")
    return Check("database", True, f"PostgreSQL {version} at {where}")


async def check_redis(url: str) -> Check:
    """Connect to a Redis and ping it; the detail never holds a password."""
    where = _place(url)
    try:
        client = aioredis.Redis.from_url(url, socket_timeout=_TIMEOUT_S)
    except ValueError as error:
        return Check("redis", False, f"{_reason(error)}; check REDIS_URL.")
    try:
        info = await client.info("server")
    except (RedisError, OSError) as error:
        return Check("redis", False, f"{where}: {_reason(error)}; check REDIS_URL.")
    finally:
        await client.aclose()
    return Check("redis", True, f"Redis {info['redis_version']} at {where}")


def _choice(name: str, variable: str, choose: Callable[[], External | ServerBinary]) -> Check:
    try:
        chosen = choose()
    except LocalError as error:
        return Check(name, False, str(error))
    if isinstance(chosen, External):
        return Check(name, True, f"{variable} is set: {_place(chosen.url)}")
    return Check(name, True, f"private server {chosen}")


def _place(url: str) -> str:
    """Name the server in a URL without user, password and options."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable address"
    if not parts.scheme:
        return "an unreadable address"
    socket_dir = parse_qs(parts.query).get("host", [""])[0]
    return f"{parts.hostname}{port}" if parts.hostname else socket_dir or parts.path


def _reason(error: BaseException) -> str:
    """Say what went wrong; the text of a malformed URL is withheld, it may be a password."""
    if isinstance(error, TimeoutError):
        return f"no answer within {_TIMEOUT_S:.0f} s"
    if isinstance(error, ValueError):
        return "the URL is malformed"
    text = str(error).strip().splitlines()
    return text[0][:200].rstrip(".") if text else type(error).__name__
