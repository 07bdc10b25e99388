"""A process that has everything imported and forks dispatchers on demand: one line, one child.

Reads `CRASH_AT` values from standard input (an empty line = none), answers with the child's
process id. A child delivers until it dies, at the pace that is the only argument.
"""

import asyncio
import os
import signal
import sys

from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import create_pool
from app.core.log import configure_logging
from app.pipeline.deliver import Pace, run_dispatcher
from app.pipeline.parts import PipelineParts
from app.pipeline.step import Ear
from app.services.firebase import open_firebase

PACES = {
    "hasty": Pace(batch=400, begin_within_s=1.5, send_within_s=3, margin_s=1, look_every_s=0.5),
    "usual": Pace(),
}


async def deliver(settings: Settings, pace: Pace) -> None:
    """Be a dispatcher, by settings of this process."""
    clock = SystemClock()
    pool = await create_pool(settings.app.database_url.get_secret_value(), size=3)
    parts = PipelineParts(settings, clock, pool, "child", open_firebase(settings.firebase, clock))
    await run_dispatcher(parts, Ear(), pace)


def main() -> None:
    """Fork whenever a line comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    settings = Settings()
    configure_logging(settings.app.log_level, "json")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.environ["CRASH_AT"] = line.strip()
            asyncio.run(deliver(settings, PACES[sys.argv[1]]))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
