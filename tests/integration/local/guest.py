"""A command that uses the servers of a data folder. Usage: guest.py HOME SECONDS.

Prints the database URL, then the database's answer at the end of its time.
"""

import asyncio
import sys
import time
from pathlib import Path

import asyncpg

from local.environment import open_services


async def ask(url: str) -> int:
    conn = await asyncpg.connect(url)
    try:
        answer: int = await conn.fetchval("SELECT 41 + 1")
        return answer
    finally:
        await conn.close()


def main(home: Path, seconds: float) -> None:
    with open_services(home, environ={}, durable=False) as urls:
        sys.stdout.write(urls.database_url + "\n")
        sys.stdout.flush()
        time.sleep(seconds)
        sys.stdout.write(f"{asyncio.run(ask(urls.database_url))}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
