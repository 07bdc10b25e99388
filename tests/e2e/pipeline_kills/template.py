"""A process that has everything imported and forks steps of the pipeline on demand.

Reads `CRASH_AT` values from standard input, one a line (an empty line = none), answers with the
child's process id. A child works until it dies; at what, the only argument says: a pace of
`PACES` delivers, a role of `ROLES` runs these loops of the pipeline.
"""

import asyncio
import os
import signal
import sys

from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.crash import Crashes
from app.core.database import create_pool
from app.core.log import configure_logging
from app.core.loop import run_forever
from app.core.redis import create_redis
from app.pipeline.deliver import Pace, run_dispatcher
from app.pipeline.parts import PipelineParts
from app.pipeline.run import pipeline_loops
from app.pipeline.step import Ear
from app.services.firebase import open_firebase

PACES = {
    "hasty": Pace(batch=400, begin_within_s=1.5, send_within_s=3, margin_s=1, look_every_s=0.5),
    "usual": Pace(),
}
ROLES = {
    "upstream": ("bells", "attribute", "word", "notify", "deliver"),
    "monitor": ("market_monitor",),
}
_CONNECTIONS = {"upstream": 6, "monitor": 4}


async def work(settings: Settings, role: str) -> None:
    """Be a child of this role, by settings of this process."""
    clock = SystemClock()
    url = settings.app.database_url.get_secret_value()
    pool = await create_pool(url, size=_CONNECTIONS.get(role, 3))
    push = open_firebase(settings.firebase, clock)
    crashes = Crashes.read(os.environ, settings.app.environment)
    parts = PipelineParts(settings, clock, pool, f"child:{os.getpid()}", push, crashes)
    if role in PACES:
        await run_dispatcher(parts, Ear(), PACES[role])
    else:
        await _run_loops(parts, role)


async def _run_loops(parts: PipelineParts, role: str) -> None:
    """Run some of the pipeline's own loops, as it does."""
    loops = pipeline_loops(parts, create_redis(parts.settings.app.redis_url.get_secret_value()))
    async with asyncio.TaskGroup() as tasks:
        for name in ROLES[role]:
            tasks.create_task(run_forever(name, loops[name], parts.clock), name=name)


def main() -> None:
    """Fork whenever a line comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    settings = Settings()
    configure_logging(settings.app.log_level, "json")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.environ["CRASH_AT"] = line.strip()
            asyncio.run(work(settings, sys.argv[1]))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
