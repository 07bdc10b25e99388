"""`alpha web`: the HTTP API."""

import errno
import socket
from typing import Annotated

import typer
import uvicorn

from app.cli.http_server import Protocol, Server
from app.cli.services import local_services
from app.core.database import asyncpg_dsn
from app.core.errors import OperatorError
from app.core.redis import create_redis

DRAIN_S = 10
_BACKLOG = 2048


def web(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on; 0 picks a free one")] = 8000,
) -> None:
    """Serve the API until stopped; answers under way get 10 s to finish."""
    with _listen(host, port) as listener, local_services() as settings:
        asyncpg_dsn(settings.app.database_url.get_secret_value())
        create_redis(settings.app.redis_url.get_secret_value())
        typer.echo(f"Serving http://{host}:{listener.getsockname()[1]}/v1", err=True)
        server = Server(
            uvicorn.Config(
                "app.main:create_app",
                factory=True,
                http=Protocol,
                server_header=False,
                access_log=False,
                log_config=None,
                timeout_graceful_shutdown=DRAIN_S,
                forwarded_allow_ips=settings.app.trusted_proxies,
            )
        )
        server.run(sockets=[listener])
    if not server.started:
        raise typer.Exit(1)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else starts.

    Raises:
        OperatorError: it is taken, or not ours to use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken" if taken else f"cannot be used ({error.strerror})"
        raise OperatorError(
            f"Port {port} on {host} {reason}: choose another with --port."
        ) from error
    return listener
