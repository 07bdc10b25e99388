"""Where a private server listens: a unix socket, or 127.0.0.1 where a socket path cannot be."""

import errno
import re
import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LOOPBACK = "127.0.0.1"
SOCKET_PORT = 5432  # only names the socket file

_MAX_SOCKET_BYTES = 107 if sys.platform == "linux" else 103
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_/. +@~=-]+")


@dataclass(frozen=True, slots=True)
class Address:
    """A socket file, or a port of 127.0.0.1 with a password."""

    socket_file: Path | None
    port: int
    password: str = ""

    @property
    def target(self) -> str | tuple[str, int]:
        """What `socket.connect` takes."""
        return str(self.socket_file) if self.socket_file else (LOOPBACK, self.port)


def choose_address(socket_file: Path, *, port: int = 0, password: str = "") -> Address:
    """Listen on `socket_file` where clients can use such a path, else on a free port.

    A path too long for the system, or with characters that mean something in a URL
    or a list, is not usable.
    """
    if is_usable_socket(socket_file):
        return Address(socket_file, port)
    return Address(None, free_port(), password or new_password())


def is_usable_socket(path: Path) -> bool:
    """Whether servers and clients alike can use this socket path."""
    text = str(path)
    return len(text.encode()) <= _MAX_SOCKET_BYTES and _PLAIN_PATH.fullmatch(text) is not None


def new_password() -> str:
    """Make a password that needs no quoting in a URL."""
    return secrets.token_urlsafe(24)


def free_port(host: str = LOOPBACK) -> int:
    """Return a port nobody listens on now."""
    with socket.socket(_family(host)) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def port_problem(host: str, port: int) -> str | None:
    """Say why `host:port` cannot be listened on, None when it can."""
    try:
        with socket.socket(_family(host)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except socket.gaierror:
        return f"{host} is not an address of this machine"
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"port {port} on {host} is taken"
        return f"{host}:{port} cannot be used ({error.strerror})"
    except OverflowError:
        return f"{port} is not a port"
    return None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def postgres_url(address: Address) -> str:
    """Return the URL of a private PostgreSQL, readable by asyncpg and libpq."""
    if address.socket_file is None:
        return f"postgresql://postgres:{address.password}@{LOOPBACK}:{address.port}/postgres"
    folder = quote(str(address.socket_file.parent), safe="/")
    return f"postgresql://postgres:@/postgres?host={folder}&port={address.port}"


def redis_url(address: Address) -> str:
    """Return the URL of a private Redis; the path stays unquoted, as arq does not unquote it."""
    if address.socket_file is None:
        return f"redis://:{address.password}@{LOOPBACK}:{address.port}/0"
    return f"unix://{address.socket_file}"
