"""A private Valkey (or Redis) in the data folder; what it holds may be lost at any time."""

import os
from pathlib import Path

from local.addresses import LOOPBACK, Address, choose_address, redis_url
from local.binaries import ServerBinary
from local.home import Home
from local.launch import server_env
from local.probe import is_redis_ready
from local.spec import ProcessSpec, Service


def prepare_valkey(home: Home, server: ServerBinary) -> Service:
    """Choose address and command line. The arq queues in it must never be evicted."""
    address = choose_address(home.redis_dir / "redis.sock")
    spec = ProcessSpec(
        name="redis",
        argv=_command_line(home, server, address),
        env=server_env(),
        cwd=home.redis_dir,
        stage=0,
        is_quiet=True,
        stop_grace_s=5,
        ready=lambda: is_redis_ready(address),
    )
    return Service(spec, redis_url(address), home.path)


def _command_line(home: Home, server: ServerBinary, address: Address) -> tuple[str, ...]:
    listen = ["--port", "0", "--unixsocket", str(address.socket_file), "--unixsocketperm", "700"]
    if address.socket_file is None:
        listen = ["--port", str(address.port), "--bind", LOOPBACK]
    keep = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
    speak = ["--daemonize", "no", "--loglevel", "warning"]
    config = _write_config(home.redis_dir, address)
    return (str(server.path), str(config), *listen, *keep, *speak)


def _write_config(folder: Path, address: Address) -> Path:
    """Write the password to a private file: a command line is readable by every user."""
    path = folder / "redis.conf"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"requirepass {address.password}\n" if address.password else "")
    return path
