"""A stream and the socket it talks to, for either library."""

import asyncio
import contextlib
import importlib.util
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.core.clock import Clock, SystemClock
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.stream import KalshiStream, SocketLimits, StreamLimits, open_source
from tests.contract.kalshi.stream.harness import FAST, Due, NoDelay, Running, Start
from tests.kalshi_socket import FakeKalshi, RecordingSink


@pytest.fixture(params=["websockets", "picows"])
def library(request: pytest.FixtureRequest) -> str:
    """Name of a library, both in turn."""
    name: str = request.param
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(scope="session")
def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def due() -> Due:
    """A quiet exchange, unless the test says otherwise."""
    return Due()


@pytest.fixture
async def server() -> AsyncIterator[FakeKalshi]:
    kalshi = FakeKalshi()
    await kalshi.start()
    yield kalshi
    await kalshi.stop()


@pytest.fixture
async def start(
    server: FakeKalshi, library: str, signing_key: Ed25519PrivateKey, due: Due
) -> AsyncIterator[Start]:
    """Start streams; they are cancelled after the test."""
    pem = signing_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    tasks: list[asyncio.Task[None]] = []

    async def begin(
        *,
        limits: StreamLimits = FAST,
        sockets: SocketLimits | None = None,
        clock: Clock | None = None,
        since: datetime | None = None,
    ) -> Running:
        dice = NoDelay()
        stream = KalshiStream(
            server.url,
            KalshiSigner("key-1", pem),
            clock or SystemClock(),
            source=open_source(library, sockets),
            expects_ticks=due,
            limits=limits,
            dice=dice,
        )
        sink = RecordingSink()
        tasks.append(asyncio.create_task(stream.run(sink, since=since)))
        return Running(stream, sink, tasks[-1], server, dice)

    yield begin
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
