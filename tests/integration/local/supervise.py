"""A small `alpha up` for tests: only the two servers. Usage: supervise.py HOME.

Prints one JSON object when both answer, stops at SIGTERM.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from local.errors import LocalError
from local.home import open_home
from local.output import Screen
from local.ownership import take_for_up
from local.resolve import prepare_services
from local.state import UP, clear_state, own_state, write_state
from local.supervisor import Supervisor


async def main(path: Path) -> None:
    home, screen = open_home(path), Screen()
    take_for_up(home, screen.say)
    state = own_state(UP)

    def record(name: str, pid: int) -> None:
        nonlocal state
        state = state.with_process(name, pid)
        write_state(home.state_file, state)

    supervisor = Supervisor(home.log_dir, screen, record)
    services = prepare_services(home, os.environ, say=screen.say, durable=False)
    for service in services.own:
        await supervisor.start(service.spec)
    urls = services.urls
    state = replace(state, database_url=urls.database_url, redis_url=urls.redis_url)
    write_state(home.state_file, state)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    sys.stdout.write(json.dumps({"pids": supervisor.pids, **urls.environment()}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await supervisor.stop()
    clear_state(home.state_file)


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1])))
    except LocalError as error:
        sys.exit(f"alpha: {error}")
