"""Lets clients of the stream in and out; runs the engine while there are any."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import structlog
from starlette.types import Receive, Scope, Send

from app.api.rate_limit import client_key
from app.api.stream.counts import Counts
from app.api.stream.encode import Encoder, retry_hint
from app.api.stream.engine import Engine, Sources
from app.api.stream.entry_ids import EntryId
from app.api.stream.subscription import Abort, Subscription
from app.api.stream.timing import Timing
from app.core.errors import NotReady, TooManyRequests
from app.domain.spelling import Spelling

log = structlog.get_logger()

ABORT = "alpha.abort"  # the scope's extension that drops a connection at once
STREAMS = "streams"  # the hub in the state that an application shares with its server
_RETRY_MS = (1_000, 4_000)  # apart from each other, or they all come back together
_RETRY_AFTER_S = 10
_RAW_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Hub:
    """All streams of a web process.

    Attributes:
        counts: for the metrics.
        timing: taken over when the first client comes.
    """

    def __init__(self, sources: Sources, spelling: Spelling, *, per_client: int) -> None:
        """Prepare; nothing runs before the first client.

        Args:
            per_client: how many streams one address may have.
        """
        self.counts = Counts()
        self.timing = Timing()
        self._sources = sources
        self._encoder = Encoder(spelling)
        self._per_client = per_client
        self._clients: Counter[str] = Counter()
        self._engine: Engine | None = None
        self._lingering: asyncio.Task[None] | None = None
        self._is_closed = False

    async def serve(
        self, ids: Sequence[UUID], seen: EntryId | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send a client the prices of these markets until it leaves, or we do.

        Args:
            seen: the client has everything up to this entry.

        Raises:
            TooManyRequests, NotFound, NotReady: before anything was sent.
            OSError, asyncpg.PostgresError: the same; see `repositories.errors.is_outage`.
        """
        with self._admitted(scope):
            engine = self._running()
            quotes = await engine.load(ids)
            client = Subscription(quotes, send, _abort_of(scope))
            try:
                for quote in quotes:
                    quote.listeners[client] = client.pending
                await send({"type": "http.response.start", "status": 200, "headers": _RAW_HEADERS})
                engine.flusher.begin(client, retry_hint(random.randint(*_RETRY_MS)), seen)
                if self._is_closed:
                    self.end_all()
                await _until_gone(receive)
            except asyncio.CancelledError:
                if not client.is_ended:
                    raise
            finally:
                engine.flusher.leave(client)
                client.stop()
                for quote in quotes:
                    del quote.listeners[client]
                engine.release(quotes)

    def end_all(self) -> None:
        """Say good-bye to everybody, and let nobody in any more."""
        self._is_closed = True
        if self._engine is not None:
            self._engine.flusher.end_all()

    async def close(self) -> None:
        """End everything; the server has no connections any more."""
        self.end_all()
        if self._lingering is not None:
            self._lingering.cancel()
        await self._stop()

    @contextmanager
    def _admitted(self, scope: Scope) -> Iterator[None]:
        if self._is_closed:
            raise NotReady("This server is about to stop.", retry_after_s=1)
        address = client_key(scope["client"][0]) if scope.get("client") else ""
        if self._clients[address] >= self._per_client:
            detail = f"One address may have {self._per_client} streams: close one first."
            raise TooManyRequests(detail, retry_after_s=_RETRY_AFTER_S)
        self._clients[address] += 1
        self.counts.streams += 1
        try:
            yield
        finally:
            self.counts.streams -= 1
            self._clients[address] -= 1
            if not self._clients[address]:
                del self._clients[address]
            if not self.counts.streams and not self._is_closed:
                self._lingering = asyncio.create_task(self._stop_if_idle())

    def _running(self) -> Engine:
        if self._engine is None:
            self._engine = Engine(self._sources, self._encoder, self.counts, self.timing)
            self._engine.start(self._report)
        return self._engine

    async def _stop_if_idle(self) -> None:
        await self._sources.clock.sleep(self.timing.linger_s)
        if not self.counts.streams:
            await self._stop()

    async def _stop(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    def _report(self, loop: asyncio.Task[None]) -> None:
        """End all streams when a loop failed: their clients come back to a new engine."""
        if not loop.cancelled():
            log.error("stream.failed", exc_info=loop.exception())
            engine, self._engine = self._engine, None
            if engine is not None:
                engine.cancel()
                engine.flusher.end_all()


def _abort_of(scope: Scope) -> Abort:
    abort: Abort | None = scope.get("extensions", {}).get(ABORT)
    if abort is not None:
        return abort
    task = asyncio.current_task()
    assert task is not None
    return task.cancel


async def _until_gone(receive: Receive) -> None:
    """Wait until the client has left, or was sent the last of its stream."""
    while (await receive())["type"] != "http.disconnect":
        pass
