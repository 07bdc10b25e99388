"""An exchange on a local port that answers what a test tells it to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.client import KalshiClient

PREFIX = "/trade-api/v2"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
QUICK = RetryPolicy(attempts=4, first_s=0.001, longest_s=0.002)
MakeClient = Callable[..., KalshiClient]


@dataclass
class Asked:
    """One request as the exchange saw it; `path` below the API's prefix."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw_path: str


@dataclass
class ScriptedExchange:
    """Answers each path with its handlers in turn, then with the last one for ever."""

    base_url: str = ""
    asked: list[Asked] = field(default_factory=list)
    script: dict[str, list[Handler]] = field(default_factory=dict)

    def on(self, path: str, *handlers: Handler) -> None:
        self.script[path] = list(handlers)

    def queries(self, path: str) -> list[dict[str, str]]:
        return [asked.query for asked in self.asked if asked.path == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix(PREFIX)
        self.asked.append(Asked(path, dict(request.query), dict(request.headers), request.raw_path))
        handlers = self.script.get(path)
        if not handlers:
            return await send({"error": {"code": "not_found", "message": "not found"}}, 404)(
                request
            )
        handler = handlers.pop(0) if len(handlers) > 1 else handlers[0]
        return await handler(request)


def send(document: Any, status: int = 200, **headers: str) -> Handler:
    """Answer with a document as JSON."""
    return send_bytes(orjson.dumps(document, default=str), status, "application/json", **headers)


def send_bytes(
    body: bytes, status: int = 200, content_type: str = "text/html", **headers: str
) -> Handler:
    """Answer with bytes as they are."""

    async def handler(_: web.Request) -> web.StreamResponse:
        named = {key.replace("_", "-"): text for key, text in headers.items()}
        return web.Response(body=body, status=status, content_type=content_type, headers=named)

    return handler
