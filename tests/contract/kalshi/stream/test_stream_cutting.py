"""However the bytes are cut on their way, the same messages arrive, in the same order."""

import random
import struct
from collections.abc import AsyncIterator

import pytest

from app.services.kalshi.stream.source import RawFrame, SocketLimits
from app.services.kalshi.stream.websockets_source import WebsocketsConnection, WebsocketsSource
from tests.kalshi_socket import FakeKalshi, until

TEXT, BINARY, CONT, PING = 1, 2, 0, 9
LONG = b"l" * 70_000


@pytest.fixture
async def kalshi() -> AsyncIterator[FakeKalshi]:
    server = FakeKalshi()
    await server.start()
    yield server
    await server.stop()


def frame(opcode: int, payload: bytes, *, is_last: bool = True) -> bytes:
    first = opcode | (0x80 if is_last else 0)
    if len(payload) < 126:
        return struct.pack("!BB", first, len(payload)) + payload
    if len(payload) < 65_536:
        return struct.pack("!BBH", first, 126, len(payload)) + payload
    return struct.pack("!BBQ", first, 127, len(payload)) + payload


STREAM = b"".join(
    [
        frame(TEXT, b"{}"),
        frame(TEXT, b"m" * 126),
        frame(PING, b"are you there"),
        frame(TEXT, b""),
        frame(TEXT, b"be", is_last=False),
        frame(PING, b""),
        frame(CONT, b"gin", is_last=True),
        frame(BINARY, b"\x00\x01"),
        frame(TEXT, LONG),
        frame(TEXT, b"s" * 125),
    ]
)
MESSAGES = [b"{}", b"m" * 126, b"", b"begin", LONG, b"s" * 125]


async def receive(connection: WebsocketsConnection, count: int) -> list[RawFrame]:
    found: list[RawFrame] = []
    while len(found) < count:
        found += await connection.receive()
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_any_cut_brings_the_same_messages(kalshi: FakeKalshi, seed: int) -> None:
    dice = random.Random(seed)
    connection = await WebsocketsSource().connect(kalshi.url, {})
    await until(lambda: bool(kalshi.connections))
    socket = connection._socket
    stream, at = STREAM * 3, 0
    while at < len(stream):
        size = dice.choice((1, 2, 3, 9, 130, 5_000, 100_000))
        socket.data_received(stream[at : at + size])
        at += size
    found = await receive(connection, 3 * len(MESSAGES))
    assert [bytes(message) for message in found] == 3 * MESSAGES
    assert connection.binary_frames == 3
    await connection.close()


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(bytes((0x81, 0x80 | 2)) + b"maskhi", id="masked"),
        pytest.param(bytes((0xC1, 2)) + b"hi", id="reserved-bit"),
        pytest.param(frame(CONT, b"no beginning"), id="nothing-to-continue"),
        pytest.param(frame(TEXT, b"a", is_last=False) + frame(TEXT, b"b"), id="text-in-text"),
        pytest.param(frame(TEXT, b"x" * 2_000), id="oversize"),
    ],
)
async def test_what_is_not_acceptable_ends_the_connection(kalshi: FakeKalshi, bad: bytes) -> None:
    connection = await WebsocketsSource(SocketLimits(frame_bytes=1_000)).connect(kalshi.url, {})
    await until(lambda: bool(kalshi.connections))
    connection._socket.data_received(frame(TEXT, b"before") + bad + frame(TEXT, b"after"))
    assert [bytes(message) for message in await connection.receive()] == [b"before"]
    with pytest.raises(Exception, match=r"closed|too big"):
        await connection.receive()
    await connection.close()
