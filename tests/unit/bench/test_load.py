"""The load generator against a server that answers in pieces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.web.load import Load, run_load


@asynccontextmanager
async def answering(*pieces: bytes) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("pieces", "status", "length"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",), 200, 5),
        ((b"HTTP/1.1 200 OK\r\ncontent-le", b"ngth: 5\r\n\r\nhe", b"llo"), 200, 5),
        ((b'HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n',), 304, 0),
    ],
    ids=["whole", "in-pieces", "no-body"],
)
async def test_answers_are_counted(pieces: tuple[bytes, ...], status: int, length: int) -> None:
    async with answering(*pieces) as port:
        load = Load(port, ["/a", "/b"], connections=2, warm_up_s=0.02, seconds=0.1)
        answers = await run_load(load)
    assert set(answers.statuses) == {status}
    assert answers.mean_bytes == pytest.approx(length, rel=0.02)  # some are under way
    assert answers.rate == pytest.approx(sum(answers.statuses.values()) / 0.1, rel=0.3)
    assert 0 < answers.p50_ms <= answers.p99_ms


async def test_a_server_that_hangs_up_is_no_result() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionError, match="lost"):
            await run_load(Load(port, ["/"], connections=2, warm_up_s=0.02, seconds=0.05))
