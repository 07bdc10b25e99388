"""Streams while something is away, slow, or about to stop."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.api.stream.timing import Timing
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.ids import market_id
from app.domain.types import Exchange
from tests.factories import make_event, make_market, make_quote, make_run
from tests.integration.api.streaming import add_entry, located, piece, serving, store

NAME = "KXLAL"
MANY = [f"KXM-{number}" for number in range(100)]


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


@pytest.fixture
async def markets(engine: AsyncEngine, pool: Pool, clean_tables: None, redis: Redis) -> None:
    event = make_event()
    made = [make_market(ext_id=name, event=event) for name in (NAME, *MANY)]
    quote = make_quote(made[0], as_of=datetime.now(UTC), last=Decimal("0.4"))
    await store(engine, make_run(), *made, quote)


class Wire:
    """A door to Redis that can be shut."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        number = self._target.query.removeprefix("db=") or self._target.path.strip("/") or "0"
        number = number if number.isdigit() else "0"
        return f"redis://127.0.0.1:{self._port}/{number}"

    async def connect(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._target.scheme == "unix":
            there = await asyncio.open_unix_connection(self._target.path)
        else:
            there = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._open |= {writer, there[1]}
        await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))
        self._open -= {writer, there[1]}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65_536):
            writer.write(chunk)
    except OSError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def wire(redis_url: str) -> AsyncIterator[Wire]:
    wire = Wire(redis_url)
    await wire.connect()
    yield wire
    await wire.cut()


async def test_a_snapshot_follows_when_redis_was_away(
    markets: None, database_url: str, wire: Wire, redis: Redis, pool: Pool
) -> None:
    """What was missed is read from the rows, and new entries arrive again."""
    timing = Timing(flush_s=0.1, slots=2, poll_s=0.1)
    served = serving(located(database_url, wire.url), timing)
    async with served as server, server.stream(NAME) as events:
        assert (await events.next()).market(NAME)["last"] == "0.4"
        await wire.cut()
        await asyncio.sleep(0.3)
        async with server.stream(NAME) as others:
            assert (await others.next()).name == "snapshot"
        await pool.execute(
            "UPDATE alpha.market_quotes SET last = 0.7, as_of = $2 WHERE market_id = $1",
            market_id(Exchange.KALSHI, NAME),
            datetime.now(UTC),
        )
        await redis.delete("ticks")
        await wire.connect()
        anew = await events.next("snapshot")
        entry = await add_entry(redis, piece(NAME, now_ms() + 1000, 300_000))
        changed = await events.next("quotes")
        while changed.id != entry:
            changed = await events.next("quotes")

    assert anew.market(NAME)["last"] == "0.7"
    assert changed.market(NAME)["last"] == "0.3"


async def test_a_client_that_does_not_read_is_closed(
    markets: None, database_url: str, redis_url: str, redis: Redis
) -> None:
    """It holds one set of changed markets, never a queue, and its connection is freed."""
    timing = Timing(flush_s=0.02, slots=2, drain_s=0.5)
    async with serving(located(database_url, redis_url), timing) as server:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            names = ",".join(f"kalshi:{name}" for name in MANY)
            client.sendall(f"GET /v1/stream?markets={names} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            began_ms = now_ms()
            for step in range(1, 2_000):
                await add_entry(redis, *(piece(name, began_ms + step, step) for name in MANY))
                await asyncio.sleep(0.005)
                if server.hub.counts.slow:
                    break
            await asyncio.sleep(0.2)

            assert server.hub.counts.slow == 1
            assert server.hub.counts.streams == 0
            assert not server.server.server_state.connections


async def test_the_server_says_good_bye(markets: None, database_url: str, redis_url: str) -> None:
    loop = asyncio.get_running_loop()
    async with serving(located(database_url, redis_url)) as server, server.stream(NAME) as events:
        await events.next()
        server.server.should_exit = True
        asked_s = loop.time()
        assert await events.rest() == []
        took_s = loop.time() - asked_s

    assert events.comments == ["closing, please come back"]
    assert took_s < 5


async def test_the_command_stops_with_clients_attached(
    markets: None, database_url: str, redis_url: str
) -> None:
    environ = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    environ["STREAM_IN_WEB"] = "false"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "web", "--port", "0"),
        env=environ,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    url = (await process.stderr.readline()).decode()
    port = int(url.removesuffix("/v1\n").rsplit(":", 1)[1])
    clients = [await _attach(port) for _ in range(10)]
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(9):
        last = [await reader.read() for reader, _ in clients]
        await process.stderr.read()
        await process.wait()
    for _, writer in clients:
        writer.close()

    assert {rest[-36:] for rest in last} == {b": closing, please come back\n\n\r\n0\r\n\r\n"}


async def _attach(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a stream and read its first event."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /v1/stream?markets=kalshi:{NAME} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        await reader.readuntil(b"event: snapshot")
        await reader.readuntil(b"\n\n")
    return reader, writer
