"""A crowd of clients of the stream in a process of its own: `python -m ... PORT CLIENTS ...`.

Raw sockets and no more parsing than the checks need. Prints one JSON object: how old each
market's values were when they came (their `as_of` is the moment of their XADD), counts, and
the last values that every client was sent.
"""

import asyncio
import json
import sys
import time
from array import array
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any


class Member(asyncio.Protocol):
    """One client: keeps the newest state of its markets, and how old events were."""

    latencies = array("d")
    events = 0
    received = 0
    cpu_s = 0.0

    def __init__(self, request: bytes) -> None:
        self.state: dict[str, tuple[str, str]] = {}
        self.has_snapshot = asyncio.Event()
        self.is_rising = True
        self._request = request
        self._rest = b""
        self._last = (0, 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now_ms = time.time() * 1000
        Member.received += len(data)
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            _, is_event, event = (b"\n" + block).partition(b"\nid: ")
            if is_event:
                self._read(event, now_ms)

    def _read(self, block: bytes, now_ms: float) -> None:
        first, name, rest = block.split(b"\n", 2)
        ms, number = first.split(b"-")
        entry = (int(ms), int(number))
        self.is_rising = self.is_rising and entry >= self._last
        self._last = entry
        Member.events += 1
        if name == b"event: feed":
            return
        for market in json.loads(rest[6:])["markets"]:
            if name == b"event: quotes":
                Member.latencies.append(now_ms - to_ms(market["as_of"]))
            self.state[market["ext_id"]] = (market["last"], market["volume"])
        self.has_snapshot.set()


def to_ms(at: str) -> int:
    """Read a time as the API writes it."""
    return _second(at[:19]) + int(at[20:23])


@lru_cache(maxsize=100)
def _second(at: str) -> int:
    return int(datetime.fromisoformat(at + "+00:00").timestamp()) * 1000


def request_for(number: int, names: Sequence[str], each: int) -> bytes:
    """Write the request of a client: `each` markets, spread over all of them."""
    first = number * each % len(names)
    chosen = [names[(first + step) % len(names)] for step in range(each)]
    query = ",".join(f"kalshi:{name}" for name in chosen)
    host = f"Host: alpha\r\nX-Forwarded-For: 10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return f"GET /v1/stream?markets={query} HTTP/1.1\r\n{host}\r\n\r\n".encode()


async def join(port: int, clients: int, names: Sequence[str], each: int) -> list[Member]:
    """Connect everybody, some at a time, and wait until all have their snapshots."""
    loop = asyncio.get_running_loop()
    members: list[Member] = []
    for number in range(clients):
        request = request_for(number, names, each)
        member = Member(request)
        await loop.create_connection(lambda member=member: member, "127.0.0.1", port)  # type: ignore[misc]
        members.append(member)
        if number % 50 == 49:
            await member.has_snapshot.wait()
    await asyncio.gather(*(member.has_snapshot.wait() for member in members))
    return members


def summary(members: Sequence[Member]) -> dict[str, Any]:
    """Say what was seen."""
    ages = sorted(Member.latencies)
    share = {f"p{part}_ms": ages[len(ages) * part // 100] for part in (50, 95, 99)}
    return {
        **share,
        "events": Member.events,
        "values": len(ages),
        "bytes": Member.received,
        "crowd_cpu_s": time.process_time() - Member.cpu_s,
        "rising": all(member.is_rising for member in members),
        "states": [member.state for member in members],
    }


async def main() -> None:
    """Join, say `joined`, and report when standard input tells that all was written."""
    port, clients, markets, each = map(int, sys.argv[1:5])
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(60):
        members = await join(port, clients, [f"KXM-{n}" for n in range(markets)], each)
    Member.latencies = array("d")
    Member.events = Member.received = 0
    Member.cpu_s = time.process_time()
    sys.stdout.write("joined\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.readline)
    await asyncio.sleep(2)
    sys.stdout.write(json.dumps(summary(members)) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
