"""Responses that go wrong on the connection: late, slow, cut short, dropped."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

ABORT = "sandbox.abort"  # extension of our server: drops the TCP connection
CLOSE = "sandbox.close"  # flushes what was written, then closes
_PIECES = 20


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _hang_up(scope: Scope, how: str) -> None:
    """Drop the connection.

    Raises:
        ConnectionResetError: the server has no such extension (tests in process).
    """
    action = scope.get("extensions", {}).get(how)
    if action is None:
        raise ConnectionResetError("connection dropped")
    action()


class Dropped(Response):
    """No answer: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Abort and wait until the server has noticed."""
        _hang_up(scope, ABORT)
        await _gone(receive)


class Late(Response):
    """The right answer after a pause; gives up when the client does."""

    def __init__(self, inner: Response, seconds: float) -> None:
        """Hold `inner` back."""
        super().__init__()
        self._inner, self._seconds = inner, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the pause to end or the client to leave."""
        try:
            await asyncio.wait_for(_gone(receive), self._seconds)
        except TimeoutError:
            await self._inner(scope, receive, send)


class Trickle(Response):
    """The right answer in small pieces."""

    def __init__(self, inner: Response, seconds: float) -> None:
        """Spread the body of `inner` over some seconds."""
        super().__init__(inner.body, inner.status_code, dict(inner.headers))
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send piece by piece."""
        await send(_start(self, len(self.body)))
        size = max(len(self.body) // _PIECES, 1)
        for offset in range(0, len(self.body), size):
            await asyncio.sleep(self._seconds / _PIECES)
            piece = bytes(self.body[offset : offset + size])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class CutShort(Response):
    """Half of the right answer, then the connection closes although more was promised."""

    def __init__(self, inner: Response) -> None:
        """Promise the whole body of `inner`."""
        super().__init__(inner.body, inner.status_code, dict(inner.headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half and close."""
        await send(_start(self, len(self.body)))
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        _hang_up(scope, CLOSE)
        await _gone(receive)


def _start(response: Response, length: int) -> dict[str, object]:
    headers = [entry for entry in response.raw_headers if entry[0] != b"content-length"]
    headers.append((b"content-length", str(length).encode()))
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}
