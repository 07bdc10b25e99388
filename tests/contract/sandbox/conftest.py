"""Sandboxes to talk to: in process, or on a real socket."""

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sandbox.app import Options, Sandbox, build_sandbox
from sandbox.keys import ApiKey
from sandbox.server import server_config
from sandbox.world.eastern import to_us

PREFIX = "/trade-api/v2"
NOON_US = to_us(datetime(2026, 11, 22, 12, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Talk:
    """A sandbox and a client of it."""

    sandbox: Sandbox
    client: httpx.AsyncClient

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """GET an API path."""
        return await self.client.get(PREFIX + path, params=params or None)

    async def json(self, path: str, **params: Any) -> dict[str, Any]:
        """GET an API path that must answer 200."""
        response = await self.get(path, **params)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    async def walk(self, path: str, name: str, **params: Any) -> list[dict[str, Any]]:
        """Follow the cursors of a listing to its end."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        for _ in range(200):
            body = await self.json(path, **params, **({"cursor": cursor} if cursor else {}))
            rows += body[name]
            cursor = body["cursor"]
            if not cursor:
                return rows
        raise AssertionError(f"{path} does not end")

    async def put_faults(self, **knobs: Any) -> None:
        """Switch knobs on."""
        response = await self.client.put("/_faults", json={"kalshi": knobs})
        assert response.status_code == 200, response.text

    async def stats(self) -> dict[str, Any]:
        """Read the counters."""
        counters: dict[str, Any] = (await self.client.get("/_stats")).json()["kalshi"]
        return counters


Talks = Callable[..., Talk]
Serve = Callable[..., Any]


def make_options(**changes: Any) -> Options:
    """Return options of a world that stands still and has budget enough."""
    fixed: dict[str, Any] = {
        "events": 60,
        "now_us": NOON_US,
        "speed": 0.0,
        "read_rate": 1e6,
        "read_capacity": 1e6,
    }
    return Options(**(fixed | changes))


@pytest.fixture
async def talks() -> AsyncIterator[Talks]:
    """Make sandboxes in process and clients of them."""
    async with AsyncExitStack() as stack:

        def make(**changes: Any) -> Talk:
            sandbox = build_sandbox(make_options(**changes))
            transport = httpx.ASGITransport(sandbox.app)
            client = httpx.AsyncClient(transport=transport, base_url="http://sandbox")
            stack.push_async_callback(client.aclose)
            return Talk(sandbox, client)

        yield make


@pytest.fixture(scope="session")
def shared_sandbox() -> Sandbox:
    """One world for all tests that only read."""
    return build_sandbox(make_options(events=120))


@pytest.fixture
async def talk(shared_sandbox: Sandbox) -> AsyncIterator[Talk]:
    """A client of the shared world, with everything switched off."""
    for vendor in shared_sandbox.vendors.values():
        vendor.faults.clear()
        vendor.stats.reset()
    transport = httpx.ASGITransport(shared_sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield Talk(shared_sandbox, client)


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listens.set()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve sandboxes on real sockets."""
    async with AsyncExitStack() as stack:

        async def make(**changes: Any) -> Talk:
            sandbox = build_sandbox(make_options(**changes))
            server = _Server(server_config(sandbox.app, "127.0.0.1", 0))
            task = asyncio.create_task(server._serve())
            await server.listens.wait()
            port = server.servers[0].sockets[0].getsockname()[1]

            async def stop() -> None:
                server.should_exit = True
                await task

            stack.push_async_callback(stop)
            client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5)
            stack.push_async_callback(client.aclose)
            return Talk(sandbox, client)

        yield make


def signature(key: ApiKey, message: str) -> str:
    """Sign as the exchange documents it."""
    raw = message.encode()
    if isinstance(key.private, RSAPrivateKey):
        pss = PSS(MGF1(hashes.SHA256()), salt_length=32)
        return b64encode(key.private.sign(raw, pss, hashes.SHA256())).decode()
    return b64encode(key.private.sign(raw)).decode()


Sign = Callable[..., dict[str, str]]


@pytest.fixture
def sign() -> Sign:
    """Make the three headers of a request."""

    def make(key: ApiKey, path: str, *, at_ms: int = NOON_US // 1_000) -> dict[str, str]:
        return {
            "KALSHI-ACCESS-KEY": key.api_key_id,
            "KALSHI-ACCESS-TIMESTAMP": str(at_ms),
            "KALSHI-ACCESS-SIGNATURE": signature(key, f"{at_ms}GET{PREFIX}{path}"),
        }

    return make
