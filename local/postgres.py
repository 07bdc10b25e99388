"""A private PostgreSQL in the data folder."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from local.addresses import LOOPBACK, SOCKET_PORT, Address, choose_address, postgres_url
from local.binaries import ServerBinary
from local.cluster import ensure_cluster
from local.home import Home
from local.launch import server_env
from local.placement import Placement, make_folders, place
from local.probe import is_postgres_ready
from local.processes import outwait, send_signal, working_in
from local.spec import ProcessSpec, Service

_SETTINGS = {
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "cluster_name": "alpha",
    "unix_socket_permissions": "0700",
}
_SHM_BYTES = 256 * 1024 * 1024
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


def prepare_postgres(home: Home, server: ServerBinary, *, durable: bool = True) -> Service:
    """Make everything ready for the server to start: folders, programs, data, address.

    `durable=False` is for tests: data survives kill -9 of every process, not of the machine.

    Raises:
        LocalError: one sentence that says what stands in the way.
    """
    placement = place(home, server)
    password = ensure_cluster(placement, server, durable=durable)
    make_folders(placement)
    address = _address(placement, password)
    spec = ProcessSpec(
        name="postgres",
        argv=_command_line(placement, address, durable=durable),
        env=server_env(),
        cwd=Path("/"),
        stage=0,
        is_quiet=True,
        user=placement.user,
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        stop_grace_s=20,
        ready=lambda: is_postgres_ready(address),
        ready_within_s=60,
        before_start=lambda: clear_data_dir(placement.data_dir),
    )
    return Service(spec, postgres_url(address), placement.base)


def clear_data_dir(data_dir: Path) -> None:
    """End what still works in the data folder: a server left over, or backends of a killed one.

    Orphaned backends hold the shared memory, and a new server refuses to start beside
    them. They notice the death of their server by themselves unless they are busy. Only
    the server itself may be signalled: to its helpers SIGINT means other things.
    """
    pids = working_in(data_dir, "postgres")
    server = _recorded_pid(data_dir)
    if server in pids:
        send_signal(server, signal.SIGINT)
    outwait(pids, grace_s=8 if server in pids else 1)


def _recorded_pid(data_dir: Path) -> int:
    """Read the server's pid from its own file, 0 when there is none."""
    try:
        return int((data_dir / "postmaster.pid").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _address(placement: Placement, password: str) -> Address:
    socket_file = placement.socket_dir / f".s.PGSQL.{SOCKET_PORT}"
    return choose_address(socket_file, port=SOCKET_PORT, password=password)


def _command_line(placement: Placement, address: Address, *, durable: bool) -> tuple[str, ...]:
    listen = {"listen_addresses": "", "unix_socket_directories": str(placement.socket_dir)}
    if address.socket_file is None:
        listen = {"listen_addresses": LOOPBACK, "unix_socket_directories": ""}
    settings = {**_SETTINGS, **listen, **_parallel_memory(), **({} if durable else _NOT_DURABLE)}
    program = (str(placement.bin_dir / "postgres"), "-D", str(placement.data_dir))
    return (*program, "-p", str(address.port), *_options(settings))


def _parallel_memory() -> dict[str, str]:
    """Keep parallel queries out of a small /dev/shm (64 MB in a container), where they fail."""
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return {}
    is_small = room.f_frsize * room.f_blocks < _SHM_BYTES
    return {"dynamic_shared_memory_type": "mmap"} if is_small else {}


def _options(settings: dict[str, str]) -> Iterator[str]:
    for name, text in settings.items():
        yield "-c"
        yield f"{name}={text}"
