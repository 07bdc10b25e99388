"""The way of a request: counted, checked, paid for, answered, and made to fail on purpose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import real_us, steady_s
from sandbox.faults.responses import CutShort, Dropped, Late, Trickle
from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.auth import Verifier
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.errors import Refusal, too_many_requests
from sandbox.vendors.kalshi.exchange import status_body
from sandbox.vendors.kalshi.limits import PREFIX, Limiter, cost_of
from sandbox.vendors.kalshi.reply import Reply
from sandbox.world.units import SECOND

Handler = Callable[[Context, Ask], Reply]
Endpoint = Callable[[Request], Awaitable[Response]]

_HTML = b"<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>"
MAINTENANCE = b'{"error":{"code":"service_unavailable","message":"exchange is under maintenance"}}'


def accepted_ms(ctx: Context) -> tuple[float, ...]:
    """Return the times (Unix ms) a signature may have been made at, skewed if a fault says so."""
    skew = ctx.faults.active("clock_skew")
    shift_us = int(skew.seconds * SECOND) if skew else 0
    return tuple((at + shift_us) / 1_000 for at in (real_us(), ctx.clock.now_us()))


class Wire:
    """Wraps handlers into endpoints."""

    def __init__(self, ctx: Context, verifier: Verifier, limiter: Limiter) -> None:
        """Serve one context."""
        self._ctx, self._verifier, self._limiter = ctx, verifier, limiter

    def endpoint(self, route: str, handler: Handler, *, private: bool = False) -> Endpoint:
        """Return the endpoint of a route."""

        async def serve(request: Request) -> Response:
            self._ctx.stats.requests[route] += 1
            reply = self._answer(request, route, handler, private=private)
            response = self._response(route, reply)
            self._ctx.stats.statuses[reply.status] += 1
            return response

        return serve

    def _answer(self, request: Request, route: str, handler: Handler, *, private: bool) -> Reply:
        ctx = self._ctx
        ctx.world.advance(ctx.clock.now_us())
        try:
            account = self._account(request, private=private)
            if not self._afford(request, route, account):
                return too_many_requests()
            refused = self._refuse(route)
            if refused is not None:
                return refused
            query = tuple(request.query_params.multi_items())
            target = request.url.path.removeprefix(PREFIX)
            return handler(ctx, Ask(route, target, request.path_params, query, account))
        except Refusal as refusal:
            return refusal.reply()

    def _account(self, request: Request, *, private: bool) -> str | None:
        nows = accepted_ms(self._ctx)
        path = request.scope["raw_path"].decode().split("?", 1)[0]
        return self._verifier.account(request.headers, request.method, path, nows, required=private)

    def _afford(self, request: Request, route: str, account: str | None) -> bool:
        stats, now = self._ctx.stats, steady_s()
        payer = account or f"peer {request.client.host if request.client else ''}"
        stats.meter.add(payer, cost_of(route), now)
        if self._limiter.allows(payer, route, now):
            stats.tokens_spent += cost_of(route)
            return True
        stats.over_budget += 1
        return False

    def _fires(self, name: str, route: str) -> bool:
        if self._ctx.faults.fires(name, route) is None:
            return False
        self._ctx.stats.faults[name] += 1
        return True

    def _refuse(self, route: str) -> Reply | None:
        """Return the answer of a fault that needs no handler."""
        if self._fires("maintenance", route):
            if route == "GET /exchange/status":
                return Reply(status_body(self._ctx.world.now_us, maintenance=True), 503)
            return Reply(MAINTENANCE, 503)
        if self._fires("rate_429", route):
            return too_many_requests()
        if self._fires("error_500", route):
            return Reply(_HTML, 500, "text/html")
        if self._fires("error_503", route):
            message = "service temporarily unavailable"
            return Refusal(503, "service_unavailable", message, flat=True).reply()
        return None

    def _response(self, route: str, reply: Reply) -> Response:
        """Turn a reply into a response, through the faults of the connection."""
        faults = self._ctx.faults
        body = reply.body
        cut = faults.fires("truncate", route)
        if cut is not None:
            self._ctx.stats.faults["truncate"] += 1
            if cut.word("mode", "body") == "body":
                body = body[: max(len(body) // 2, 1)]
        response = Response(body, reply.status, self._headers(), reply.media_type)
        if cut is not None and cut.word("mode", "body") == "closed":
            response = CutShort(response)
        slow = faults.fires("slow", route)
        if slow is not None:
            self._ctx.stats.faults["slow"] += 1
            response = Trickle(response, slow.seconds)
        hang = faults.fires("hang", route)
        if hang is not None:
            self._ctx.stats.faults["hang"] += 1
            response = Late(response, hang.seconds)
        return Dropped() if self._fires("reset", route) else response

    def _headers(self) -> dict[str, str]:
        skew = self._ctx.faults.active("clock_skew")
        now_s = self._ctx.clock.now_us() / SECOND + (skew.seconds if skew else 0.0)
        return {"date": formatdate(now_s, usegmt=True)}
