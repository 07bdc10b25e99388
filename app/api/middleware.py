"""What happens to every request around its route; pure ASGI, because it is on every path."""

import re
import secrets
from collections.abc import Iterable
from typing import NamedTuple

import structlog
from fastapi import HTTPException, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import INTERNAL, error_response, too_large
from app.api.metrics import Metrics
from app.api.rate_limit import RateLimiter, client_key
from app.core.clock import Clock

log = structlog.get_logger()

MAX_BODY = 64 * 1024  # bytes
UNMATCHED = "unmatched"
_GONE = 499  # the client left before there was an answer
_OPERATIONS = ("/health/", "/metrics")  # asked by machines: not counted, not logged
_DOCS = ("/docs", "/redoc")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
)
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class Gate:
    """Gives a request its id, refuses what is too much, and records how it went.

    It also has the last word on errors that nothing else expected: the stack goes to
    the log, the client gets one sentence.
    """

    def __init__(
        self, app: ASGIApp, *, clock: Clock, limiter: RateLimiter, metrics: Metrics
    ) -> None:
        self._app = app
        self._clock = clock
        self._limiter = limiter
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = self._clock.monotonic()
        facts = _read(scope["headers"])
        status = 0
        added = [(b"x-request-id", facts.request_id), *_SECURITY]
        if not scope["path"].startswith(_DOCS):
            added.append(_POLICY)
        structlog.contextvars.bind_contextvars(request_id=facts.request_id.decode())

        async def send_more(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        try:
            app = self._refusal(scope, facts) or self._app
            await app(scope, _limited(receive) if facts.is_chunked else receive, send_more)
        except Exception:  # the edge of the process: nothing above could answer the client
            log.exception("request.failed", method=scope["method"], path=_path(scope))
            if status:
                raise
            await error_response(500, INTERNAL, "internal")(scope, receive, send_more)
        finally:
            self._record(scope, status, self._clock.monotonic() - started)

    def _refusal(self, scope: Scope, facts: "_Facts") -> Response | None:
        if facts.length > MAX_BODY:
            return too_large()
        if scope["path"].startswith(_OPERATIONS):
            return None
        client = scope.get("client")
        wait = self._limiter.take(client_key(client[0]) if client else "")
        if not wait:
            return None
        retry = {"Retry-After": str(wait)}
        detail = f"Too many requests. Please try again in {wait} s."
        return error_response(429, detail, "too_many_requests", headers=retry)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        self._metrics.observe(route, status or _GONE, seconds)
        tell = log.debug if scope["path"].startswith(_OPERATIONS) else log.info
        tell(
            "request.served",
            method=scope["method"],
            path=_path(scope),
            status=status or _GONE,
            ms=round(seconds * 1000, 1),
        )


def _path(scope: Scope) -> str:
    """Return the path as it was sent: still escaped, so that it cannot break a log line."""
    raw: bytes = scope.get("raw_path") or b""
    return raw.decode("latin-1")


class _Facts(NamedTuple):
    request_id: bytes
    length: int
    is_chunked: bool


def _read(headers: Iterable[tuple[bytes, bytes]]) -> _Facts:
    request_id, length, is_chunked = b"", 0, False
    for name, text in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(text):
            request_id = text
        elif name == b"content-length":
            length = int(text) if text.isdigit() else MAX_BODY + 1
        elif name == b"transfer-encoding":
            is_chunked = True
    return _Facts(request_id or secrets.token_hex(8).encode(), length, is_chunked)


def _limited(receive: Receive) -> Receive:
    """Count a body of unknown length while it is read."""
    total = 0

    async def receive_counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MAX_BODY:
            raise HTTPException(413)
        return message

    return receive_counted
