"""The load generator, a process of its own: keeps connections busy and counts answers.

Reads a `Load` as JSON from standard input, prints an `Answers` as JSON. It parses no
more of an answer than status and length, so that it is never the slower side.
"""

import asyncio
import re
import sys
from collections import Counter
from time import perf_counter
from typing import cast

import msgspec

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Load(msgspec.Struct, frozen=True):
    """What to ask. Every connection asks its next path as soon as it has its answer.

    The first `warm_up_s` seconds do not count.
    """

    port: int
    paths: list[str]
    header: str = ""  # one more request header, without the line end
    connections: int = 16
    warm_up_s: float = 0.5
    seconds: float = 3.0


class Answers(msgspec.Struct, frozen=True):
    """What came back: answers per second, bytes in them, latency in milliseconds."""

    rate: float
    statuses: dict[int, int]
    mean_bytes: float
    p50_ms: float
    p99_ms: float


class _Connection(asyncio.Protocol):
    """One connection that asks and waits, asks and waits."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._buffer = bytearray()
        self._missing = 0  # bytes of the answer under way that have not come
        self._status = 0
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._buffer += data
            end = self._buffer.find(_END)
            if end < 0:
                return
            self._begin(bytes(self._buffer[:end]), len(self._buffer) - end - len(_END))
        if self._missing == 0:
            self._run.count(self._status, perf_counter() - self._asked_at)
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost += not self._run.is_over

    def _begin(self, head: bytes, received: int) -> None:
        """Read the head of an answer of which `received` bytes of body are here."""
        self._buffer.clear()
        self._status = int(head[9:12])
        found = _LENGTH.search(head)
        length = int(found[1]) if found and self._status != 304 else 0
        self._run.bytes += length
        self._missing = length - received

    def _ask(self) -> None:
        self._asked_at = perf_counter()
        self._transport.write(self._run.next_request())


class _Run:
    """All connections together."""

    def __init__(self, load: Load) -> None:
        header = f"{load.header}\r\n" if load.header else ""
        self._requests = [
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode()
            for path in load.paths
        ]
        self._place = 0
        self._latencies: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._load = load
        self.bytes = 0
        self.lost = 0
        self.is_over = False

    def next_request(self) -> bytes:
        """Return the next request; all connections take from one list, round and round."""
        self._place = (self._place + 1) % len(self._requests)
        return self._requests[self._place]

    def count(self, status: int, seconds: float) -> None:
        """Count one answer."""
        self._statuses[status] += 1
        self._latencies.append(seconds)

    async def run(self) -> Answers:
        """Ask for the given time, then close every connection."""
        loop, transports = asyncio.get_running_loop(), []
        for _ in range(self._load.connections):
            transport, _ = await loop.create_connection(
                lambda: _Connection(self), "127.0.0.1", self._load.port
            )
            transports.append(transport)
        await asyncio.sleep(self._load.warm_up_s)
        self._latencies.clear()
        self._statuses.clear()
        self.bytes = 0
        started = perf_counter()
        await asyncio.sleep(self._load.seconds)
        seconds = perf_counter() - started
        self.is_over = True
        for transport in transports:
            transport.abort()
        if self.lost or not self._latencies:
            raise ConnectionError(f"{self.lost} connections lost, {len(self._latencies)} answers")
        return self._answers(seconds)

    def _answers(self, seconds: float) -> Answers:
        ordered = sorted(self._latencies)
        count = len(ordered)
        return Answers(
            rate=count / seconds,
            statuses=dict(self._statuses),
            mean_bytes=self.bytes / count,
            p50_ms=ordered[count // 2] * 1000,
            p99_ms=ordered[count * 99 // 100] * 1000,
        )


async def run_load(load: Load) -> Answers:
    """Ask, and count what comes back.

    Raises:
        ConnectionError: the server hung up or did not answer at all.
    """
    return await _Run(load).run()


def main() -> None:
    """Read, ask, print; on uvloop where there is one."""
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    with asyncio.Runner(loop_factory=_loop) as runner:
        answers = runner.run(run_load(load))
    sys.stdout.buffer.write(msgspec.json.encode(answers))


def _loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


if __name__ == "__main__":
    main()
