"""The middleware, around applications that misbehave."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import install_error_handlers
from app.api.metrics import Metrics
from app.api.middleware import Gate
from app.api.rate_limit import RateLimiter
from app.core.clock import VirtualClock


def gated(app: ASGIApp, *, per_minute: int = 1000) -> httpx.AsyncClient:
    clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
    gate = Gate(app, clock=clock, limiter=RateLimiter(clock, per_minute), metrics=Metrics())
    transport = httpx.ASGITransport(gate, client=("203.0.113.7", 1), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://alpha")


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    await Request(scope, receive).body()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


async def kb(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1024


@pytest.mark.parametrize(
    ("size", "status"), [pytest.param(64, 200, id="64 kB"), pytest.param(65, 413, id="65 kB")]
)
async def test_bodies_of_known_and_of_unknown_length(size: int, status: int) -> None:
    app = FastAPI()
    install_error_handlers(app)

    @app.post("/")
    async def measure(request: Request) -> int:
        return len(await request.body())

    async with gated(app) as client:
        known = await client.post("/", content=b"x" * 1024 * size)
        unknown = await client.post("/", content=kb(size))

    assert (known.status_code, unknown.status_code) == (status, status)
    if status == 413:
        assert set(known.json()) == set(unknown.json()) == {"detail", "code"}


async def test_a_length_that_is_no_number_is_refused() -> None:
    async with gated(read_all) as client:
        answer = await client.post("/", headers={"Content-Length": "many"})

    assert answer.status_code == 413


async def test_an_error_before_the_answer_is_one_sentence() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyError("secret")

    async with gated(broken) as client:
        answer = await client.get("/")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"]


async def test_an_error_in_the_middle_of_an_answer_breaks_it_off() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("secret")

    sent: list[str] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(str(message["type"]))

    clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
    gate = Gate(broken, clock=clock, limiter=RateLimiter(clock, 10), metrics=Metrics())
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "client": None}
    with pytest.raises(KeyError):
        await gate(scope, _nothing, send)  # type: ignore[arg-type]

    assert sent == ["http.response.start"]


async def _nothing() -> dict[str, object]:
    return {"type": "http.disconnect"}


async def test_health_is_never_refused() -> None:
    async with gated(read_all, per_minute=1) as client:
        statuses = [(await client.get(path)).status_code for path in ("/a", "/a", "/health/live")]

    assert statuses == [200, 429, 200]


async def test_a_lifespan_passes_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
    gate = Gate(app, clock=clock, limiter=RateLimiter(clock, 1), metrics=Metrics())
    await gate({"type": "lifespan"}, _nothing, _ignore)

    assert seen == ["lifespan"]


async def _ignore(message: object) -> None:
    """Take a message."""
