"""Who may connect: signature, maintenance, and refusals on demand."""

from __future__ import annotations

import asyncio

from websockets.http11 import Request

from sandbox.clock import steady_s
from sandbox.vendors.kalshi.auth import Verifier
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.errors import Refusal
from sandbox.vendors.kalshi.stream.socket import StreamSocket
from sandbox.vendors.kalshi.wire import MAINTENANCE, accepted_ms

PATH = "/trade-api/ws/v2"
ROUTE = f"WS {PATH}"
_ELSEWHERE = "/trade-api/ws/v3"


class Doorman:
    """Answers handshakes."""

    def __init__(self, ctx: Context, verifier: Verifier) -> None:
        """Verify like the REST side does."""
        self._ctx, self._verifier = ctx, verifier

    def in_maintenance(self) -> bool:
        """Say whether the exchange is away for sockets."""
        knob = self._ctx.faults.active("maintenance")
        return knob is not None and knob.route in ROUTE

    def answer(self, socket: StreamSocket, request: Request) -> None:
        """Let a client in or not; a slow handshake is answered later."""
        self._ctx.stats.requests[ROUTE] += 1
        slow = self._ctx.faults.fires("ws_slow_handshake", ROUTE)
        if slow is None:
            self._decide(socket, request)
            return
        self._ctx.stats.faults["ws_slow_handshake"] += 1
        loop = asyncio.get_running_loop()
        loop.call_later(slow.seconds, self._decide, socket, request)

    def _decide(self, socket: StreamSocket, request: Request) -> None:
        status = self._refuse(socket, request)
        if status == 101 and not socket.accept(request, steady_s()):
            status = 400
        self._ctx.stats.statuses[status] += 1

    def _refuse(self, socket: StreamSocket, request: Request) -> int:
        """Refuse if there is a reason; return the status, 101 when there is none."""
        ctx = self._ctx
        if self.in_maintenance():
            ctx.stats.faults["maintenance"] += 1
            socket.refuse(503, MAINTENANCE, {})
            return 503
        knob = ctx.faults.fires("ws_refuse", ROUTE)
        if knob is not None:
            ctx.stats.faults["ws_refuse"] += 1
            headers = {"Location": _ELSEWHERE} if knob.number("status", 503) == 302 else {}
            if "retry_after" in knob.options:
                headers["Retry-After"] = str(knob.number("retry_after", 0))
            socket.refuse(knob.number("status", 503), b'{"error":"refused on demand"}', headers)
            return knob.number("status", 503)
        return self._verify(socket, request)

    def _verify(self, socket: StreamSocket, request: Request) -> int:
        path = request.path.split("?", 1)[0]
        if path != PATH:
            socket.refuse(404, b'{"error":{"code":"not_found","message":"not found"}}', {})
            return 404
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        try:
            self._verifier.account(headers, "GET", path, accepted_ms(self._ctx), required=True)
        except Refusal as refusal:
            reply = refusal.reply()
            socket.refuse(reply.status, reply.body, {})
            return reply.status
        return 101
