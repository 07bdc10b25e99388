"""What the tests of routes share besides fixtures."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from app.core.database import Conn

Save = Callable[..., Awaitable[None]]
Client = httpx.AsyncClient


class OneConnection:
    """Stands for the pool: lends the test's own connection, and remembers what ran on it."""

    def __init__(self, conn: Conn) -> None:
        self._conn = conn
        self._lock = asyncio.Lock()
        self.ran: list[tuple[str, Sequence[Any]]] = []

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["OneConnection"]:
        async with self._lock:
            yield self

    async def fetch(self, text: str, *values: Any) -> list[Any]:
        self.ran.append((text, values))
        return await self._conn.fetch(text, *values)

    def get_size(self) -> int:
        return 1

    get_idle_size = get_max_size = get_size


@asynccontextmanager
async def serve(app: FastAPI) -> AsyncIterator[Client]:
    """Run an application and ask it as a client would."""
    async with LifespanManager(app) as running:
        transport = httpx.ASGITransport(running.app, client=("203.0.113.7", 5000))
        async with Client(transport=transport, base_url="http://alpha") as client:
            yield client


async def walk(client: Client, path: str, limit: int, **params: Any) -> list[str]:
    """Read all pages of a list; no page is larger than asked, and only the last is smaller."""
    found: list[str] = []
    cursor = None
    name = path.rsplit("/", 1)[-1]
    while True:
        query = {**params, "limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page[name] or not found, "a cursor promises at least one more row"
        found += [row["id"] for row in page[name]]
        cursor = page["cursor"]
        if cursor is None:
            return found
        assert len(page[name]) == limit
