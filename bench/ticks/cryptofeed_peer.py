"""The peer: cryptofeed's stream backend fed by hand, in an interpreter that has cryptofeed.

Run as a file, with nothing of ours to import: `URL FRAMES REDIS_URL`; prints the seconds
from connecting until Redis has answered for every frame.
"""

import asyncio
import json
import sys
from decimal import Decimal
from time import perf_counter, time
from typing import Any

import uvloop
from cryptofeed.backends.redis import TickerStream
from cryptofeed.types import Ticker
from websockets.asyncio.client import connect
from yapic import json as wire_json

SUBSCRIBE = '{"id":3,"cmd":"subscribe","params":{"channels":["ticker"]}}'


async def feed(url: str, frames: int, redis_url: str) -> float:
    """Take `frames` tickers to Redis as one of its feeds would; return the seconds."""
    backend = TickerStream()
    backend.redis = redis_url  # its constructor forgets a socket's path
    began_s = perf_counter()
    backend.start(asyncio.get_running_loop())
    client = await connect(url, compression=None, max_queue=None, ping_interval=None, proxy=None)
    await client.send(SUBSCRIBE)
    await client.recv()
    for _ in range(frames):
        await backend(_to_ticker(await client.recv()), time())
    await backend.queue.join()
    seconds = perf_counter() - began_s
    client.transport.abort()
    await backend.stop()
    await asyncio.wait_for(backend.worker, 5)
    return seconds


def _to_ticker(text: Any) -> Any:
    msg = wire_json.loads(text, parse_float=Decimal)["msg"]
    bid, ask = Decimal(msg["yes_bid_dollars"]), Decimal(msg["yes_ask_dollars"])
    return Ticker("KALSHI", msg["market_ticker"], bid, ask, msg["ts_ms"] / 1_000, raw=msg)


if __name__ == "__main__":
    seconds = uvloop.run(feed(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
    sys.stdout.write(json.dumps({"seconds": seconds}))
