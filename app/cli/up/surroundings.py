"""What a run meets on this machine: a port, an environment, servers of somebody else."""

import os
from collections.abc import Mapping
from typing import Any

from app.cli.up.options import Options
from local.addresses import free_port, port_problem
from local.checks import check_database, check_redis
from local.errors import LocalError
from local.home import REPOSITORY, Home
from local.resolve import Services


def choose_port(options: Options) -> int:
    """Return the port asked for, or a free one for 0.

    Raises:
        LocalError: it cannot be listened on.
    """
    if options.port == 0:
        return free_port(options.host)
    problem = port_problem(options.host, options.port)
    if problem is not None:
        raise LocalError(f"{problem}: choose another with --port (0 takes a free one).")
    return options.port


async def check_outside(services: Services) -> None:
    """Ask the servers that somebody else runs before anything depends on them.

    Raises:
        LocalError: one does not answer.
    """
    own = {service.spec.name for service in services.own}
    checks = []
    if "postgres" not in own:
        checks.append(await check_database(services.urls.database_url))
    if "redis" not in own:
        checks.append(await check_redis(services.urls.redis_url))
    for check in checks:
        if not check.ok:
            raise LocalError(f"The {check.name} does not answer: {check.detail}")


def child_env(environ: Mapping[str, str], home: Home, *, is_terminal: bool) -> dict[str, str]:
    """Return the environment of every process; readable logs when a person watches."""
    style = {"LOG_FORMAT": "console"} if is_terminal else {}
    own = {"ENVIRONMENT": "development", "PYTHONUNBUFFERED": "1", **style}
    path = os.pathsep.join(filter(None, (str(REPOSITORY), environ.get("PYTHONPATH"))))
    return {**own, **environ, "PYTHONPATH": path, "ALPHA_HOME": str(home.path)}


def explain(status: int, document: Any) -> str:
    """Say what an answer of `/health/ready` (status 0: none) means."""
    if status == 0:
        return "waiting for the API"
    if status == 200:
        return "running"
    checks = document.get("checks", []) if isinstance(document, dict) else []
    failing = [f"{one['name']}: {one['detail']}" for one in checks if one["state"] == "failing"]
    return f"waiting for the first sync ({'; '.join(failing) or f'HTTP {status}'})"
