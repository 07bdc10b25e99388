"""What processes cost: CPU seconds and memory, as the kernel counts them."""

from collections.abc import Sequence

import psutil

from app.core.redis import Redis
from bench.arena import Database


class Costs:
    """A group of processes; costs of children that ended are their parent's."""

    def __init__(self, *pids: int) -> None:
        """Watch these processes and what they start."""
        self._roots = [psutil.Process(pid) for pid in pids]

    def cpu_s(self) -> float:
        """Return the CPU seconds that all of them have used so far."""
        total = 0.0
        for root in self._roots:
            spent = root.cpu_times()
            total += spent.children_user + spent.children_system
            for process in (root, *root.children(recursive=True)):
                own = process.cpu_times()
                total += own.user + own.system
        return total

    def rss_mb(self) -> float:
        """Return their resident memory now."""
        return sum(self._rss(root) for root in self._roots) / 1e6

    @staticmethod
    def _rss(root: psutil.Process) -> float:
        family: Sequence[psutil.Process] = (root, *root.children(recursive=True))
        return float(sum(process.memory_info().rss for process in family))


async def costs_of_redis(redis: Redis) -> Costs:
    """Watch the Redis that answers us."""
    return Costs(int((await redis.info("server"))["process_id"]))


async def costs_of_postgres(database: Database) -> Costs:
    """Watch the PostgreSQL that answers us, all its processes."""
    backend: int = await database.conn.fetchval("SELECT pg_backend_pid()")
    server = psutil.Process(backend).parent()
    return Costs(server.pid if server is not None else backend)
