"""A real server and real clients of the stream of prices."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.api.stream.hub import Hub
from app.api.stream.timing import Timing
from app.cli.http_server import Protocol, Server
from app.core.config import Settings
from app.core.database import Base
from app.core.redis import Redis
from app.domain.fold import MicroCandle
from app.main import create_app
from app.models.tick_entry import encode_entry

QUICK = Timing(flush_s=0.1, slots=2, heartbeat_s=0.6, poll_s=0.1, reread_s=60, linger_s=0.3)
PATIENCE_S = 10.0


@dataclass
class Event:
    id: str
    name: str
    data: Any

    @property
    def entry(self) -> tuple[int, int]:
        ms, number = self.id.split("-")
        return int(ms), int(number)

    def market(self, ext_id: str) -> Any:
        (found,) = (market for market in self.data["markets"] if market["ext_id"] == ext_id)
        return found


class Events:
    """Reads events from an open answer; comments and hints are kept apart."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.comments: list[str] = []
        self.retry_ms = 0
        self._lines = answer.aiter_lines()

    async def next(self, name: str | None = None, *, within_s: float = PATIENCE_S) -> Event:
        """Return the next event, or the next of this name."""
        async with asyncio.timeout(within_s):
            while True:
                event = await self._read()
                if name is None or event.name == name:
                    return event

    async def rest(self, *, within_s: float = PATIENCE_S) -> list[Event]:
        """Return what still comes until the server ends the stream."""
        events = []
        async with asyncio.timeout(within_s):
            while True:
                try:
                    events.append(await self._read())
                except StopAsyncIteration:
                    return events

    async def _read(self) -> Event:
        fields: dict[str, str] = {}
        while True:
            line = await anext(self._lines)
            if line.startswith(":"):
                self.comments.append(line[1:].strip())
            elif line.startswith("retry:"):
                self.retry_ms = int(line[6:])
            elif line:
                name, text = line.split(": ", 1)
                fields[name] = text
            elif fields:
                return Event(fields["id"], fields["event"], json.loads(fields["data"]))


class Serving:
    """A server on a port of its own."""

    def __init__(self, server: Server, port: int, hub: Hub) -> None:
        self.server = server
        self.port = port
        self.hub = hub
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S)

    @asynccontextmanager
    async def stream(self, *markets: str, seen: str = "") -> AsyncIterator[Events]:
        """Open a stream of markets by their tickers."""
        headers = {"Last-Event-ID": seen} if seen else {}
        params = {"markets": ",".join(f"kalshi:{name}" for name in markets)}
        async with self.client.stream("GET", "/v1/stream", params=params, headers=headers) as reply:
            assert reply.status_code == 200, await reply.aread()
            yield Events(reply)


class _QuietServer(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(settings: Settings, timing: Timing = QUICK) -> AsyncIterator[Serving]:
    """Run the application behind uvicorn in this process."""
    app = create_app(settings)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=Protocol, log_config=None, access_log=False, timeout_graceful_shutdown=5
    )
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    hub = app.state.web.streams
    hub.timing = timing
    running = Serving(server, listener.getsockname()[1], hub)
    try:
        yield running
    finally:
        await running.client.aclose()
        server.should_exit = True
        await task


def located(database_url: str, redis_url: str, **changes: object) -> Settings:
    """Return settings of a server on these two."""
    settings = Settings()
    places = {"database_url": SecretStr(database_url), "redis_url": SecretStr(redis_url)}
    settings.app = settings.app.model_copy(
        update={**places, "log_level": "WARNING", "stream_in_web": False, **changes}
    )
    return settings


async def store(engine: AsyncEngine, *rows: Base) -> None:
    """Write rows for all to see."""
    async with AsyncSession(engine) as session, session.begin():
        session.add_all(rows)


def piece(ext_id: str, ms: int, last: int | None = None, **changes: Any) -> MicroCandle:
    """Make a piece with one frame in time; prices in micro-dollars."""
    bid, ask = (None, None) if last is None else (last - 10_000, last + 10_000)
    minute = ms // 60_000
    whole = MicroCandle(ext_id, minute, last, last, last, last, bid, ask, 100, 5_000, 1, ms)
    return whole._replace(**changes)


async def add_entry(redis: Redis, *pieces: MicroCandle) -> str:
    """Append an entry to the stream; return its id."""
    entry: bytes = await redis.xadd("ticks", {"kalshi": encode_entry(pieces)})
    return entry.decode()
