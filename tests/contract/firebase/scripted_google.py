"""FCM and Google's token endpoint on a local port, answering what a test tells them to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PROJECT = "alpha-test"
NAME = f"projects/{PROJECT}/messages/0:1700000000000001"
SEND_PATH = f"/v1/projects/{PROJECT}/messages:send"
TOKEN_PATH = "/token"
HTML = b"<html><h1>Bad Gateway</h1></html>"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


@dataclass
class Asked:
    """One request as Google saw it."""

    headers: dict[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        read: dict[str, Any] = orjson.loads(self.body)
        return read


@dataclass
class ScriptedGoogle:
    """Answers each path with its handlers in turn, then with the last one for ever."""

    base_url: str = ""
    pushes: list[Asked] = field(default_factory=list)
    grants: list[Asked] = field(default_factory=list)
    on_push: list[Handler] = field(default_factory=list)
    on_grant: list[Handler] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take_push(self, request: web.Request) -> web.StreamResponse:
        self.pushes.append(Asked(dict(request.headers), await request.read()))
        return await _next(self.on_push)(request)

    async def take_grant(self, request: web.Request) -> web.StreamResponse:
        self.grants.append(Asked(dict(request.headers), await request.read()))
        self.news.set()
        return await _next(self.on_grant)(request)

    async def was_asked_for_tokens(self, times: int) -> None:
        """Wait until so many requests for a token have come."""
        async with asyncio.timeout(5):
            while len(self.grants) < times:
                self.news.clear()
                await self.news.wait()

    def app(self) -> web.Application:
        app = web.Application(handler_args={"access_log": None})
        app.router.add_post(SEND_PATH, self.take_push)
        app.router.add_post(TOKEN_PATH, self.take_grant)
        return app


def _next(handlers: list[Handler]) -> Handler:
    return handlers.pop(0) if len(handlers) > 1 else handlers[0]


def send(document: Any, status: int = 200, **headers: str) -> Handler:
    """Answer with a document as JSON."""
    return send_bytes(orjson.dumps(document), status, "application/json", **headers)


def send_bytes(
    body: bytes, status: int = 200, content_type: str = "text/html", **headers: str
) -> Handler:
    """Answer with bytes as they are."""

    async def handler(_: web.Request) -> web.StreamResponse:
        named = {key.replace("_", "-"): text for key, text in headers.items()}
        return web.Response(body=body, status=status, content_type=content_type, headers=named)

    return handler


def google_error(
    status: int,
    word: str,
    message: str = "Something is wrong.",
    *,
    code: str | None = None,
    **headers: str,
) -> Handler:
    """Answer with Google's error envelope, with an `FcmError` inside when there is a code."""
    error: dict[str, Any] = {"code": status, "status": word, "message": message}
    if code is not None:
        about = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": []}
        error["details"] = [about, {"@type": FCM_ERROR, "errorCode": code}]
    return send({"error": error}, status, **headers)


def grant(bearer: str = "ya29.canary-token", *, lives_s: int = 3599) -> Handler:
    """Answer with an access token."""
    return send({"access_token": bearer, "expires_in": lives_s, "token_type": "Bearer"})


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def drop(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def no_http(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"\x00\x01 what is this\r\n\r\n")
    request.transport.close()
    return web.Response()


async def redirect(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("https://login.invalid/")


def cut_off(status: int = 200) -> Handler:
    """Promise more bytes than come."""

    async def handler(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Length": "1000", "Content-Type": "application/json"}
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        await response.write(b'{"name":"projects/')
        assert request.transport is not None
        request.transport.abort()
        return response

    return handler


def stall(status: int = 200) -> Handler:
    """Send half a body and then nothing."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"name":')
        await asyncio.sleep(30)
        return response

    return handler
