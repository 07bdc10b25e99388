"""Somebody who only receives: `python -m bench.ticks.listen URL`, with `websockets` alone."""

import asyncio
import sys

from websockets.asyncio.client import connect

SUBSCRIBE = '{"id":3,"cmd":"subscribe","params":{"channels":["ticker"]}}'


async def listen(url: str) -> None:
    """Receive and drop everything until the process is stopped."""
    async with connect(url, compression=None, proxy=None) as client:
        await client.send(SUBSCRIBE)
        while True:
            await client.recv(decode=False)


if __name__ == "__main__":
    asyncio.run(listen(sys.argv[1]))
