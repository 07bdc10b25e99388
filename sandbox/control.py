"""The sandbox's own routes: statistics, faults, truth, keys, tokens, clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import SandboxClock
from sandbox.faults.knobs import FaultError
from sandbox.issuer import TokenIssuer
from sandbox.keys import KEY_TYPES, KeyRing
from sandbox.vendors.vendor import Vendor
from sandbox.world.eastern import from_us, to_us
from sandbox.world.units import SECOND

_TRUTH_TOP = 5_000


def _problem(detail: str, status: int = 400) -> Response:
    return JSONResponse({"detail": detail}, status)


async def _body(request: Request) -> dict[str, object] | None:
    """Return the JSON object of a request, None when it is something else."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


class Control:
    """Handlers that look at the whole sandbox."""

    def __init__(
        self,
        vendors: Mapping[str, Vendor],
        clock: SandboxClock,
        keys: KeyRing,
        issuer: TokenIssuer,
    ) -> None:
        """Serve these parts."""
        self._vendors, self._clock = vendors, clock
        self._keys, self._issuer = keys, issuer

    def routes(self) -> list[BaseRoute]:
        """Return the routes; none of them is counted or made to fail."""
        return [
            Route("/_health", self.health),
            Route("/_stats", self.read_stats, methods=["GET"]),
            Route("/_stats", self.reset_stats, methods=["DELETE"]),
            Route("/_faults", self.read_faults, methods=["GET"]),
            Route("/_faults", self.put_faults, methods=["PUT"]),
            Route("/_faults", self.clear_faults, methods=["DELETE"]),
            Route("/_truth/{vendor}/catalogue", self.read_truth),
            Route("/_clock", self.read_clock, methods=["GET"]),
            Route("/_clock", self.set_clock, methods=["PUT"]),
            Route("/_keys", self.read_keys, methods=["GET"]),
            Route("/_keys", self.issue_key, methods=["POST"]),
            Route("/_keys/kalshi", self.read_key),
            Route("/_token", self.issue_token, methods=["POST"]),
            Route("/auth/v1/.well-known/jwks.json", self.read_jwks),
        ]

    def _now(self) -> str:
        return from_us(self._clock.now_us()).isoformat()

    async def health(self, request: Request) -> Response:
        """Say that the sandbox is up."""
        return JSONResponse({"ok": True, "now": self._now()})

    async def read_stats(self, request: Request) -> Response:
        """GET /_stats."""
        shown = {name: vendor.stats.describe() for name, vendor in self._vendors.items()}
        return JSONResponse({"at": self._now(), **shown})

    async def reset_stats(self, request: Request) -> Response:
        """DELETE /_stats."""
        for vendor in self._vendors.values():
            vendor.stats.reset()
        return await self.read_stats(request)

    async def read_faults(self, request: Request) -> Response:
        """GET /_faults."""
        shown = {name: vendor.faults.describe() for name, vendor in self._vendors.items()}
        return JSONResponse(shown)

    async def put_faults(self, request: Request) -> Response:
        """PUT /_faults: replaces the knobs of every vendor named."""
        body = await _body(request)
        if body is None or not all(isinstance(value, dict) for value in body.values()):
            return _problem('expected {"kalshi": {"<fault>": ...}}')
        unknown = sorted(set(body) - set(self._vendors))
        if unknown:
            return _problem(f"unknown vendor {unknown[0]!r}")
        try:
            for name, knobs in body.items():
                if isinstance(knobs, dict):
                    self._vendors[name].faults.replace(knobs)
        except FaultError as error:
            return _problem(str(error))
        return await self.read_faults(request)

    async def clear_faults(self, request: Request) -> Response:
        """DELETE /_faults."""
        for vendor in self._vendors.values():
            vendor.faults.clear()
        return await self.read_faults(request)

    async def read_truth(self, request: Request) -> Response:
        """GET /_truth/{vendor}/catalogue?kind=markets&after=ID&limit=1000."""
        vendor = self._vendors.get(request.path_params["vendor"])
        if vendor is None:
            return _problem("unknown vendor", 404)
        query = request.query_params
        kind, limit = query.get("kind", "markets"), query.get("limit", "1000")
        if not limit.isdecimal() or not 0 < int(limit) <= _TRUTH_TOP:
            return _problem(f"limit must be 1 to {_TRUTH_TOP}")
        try:
            rows, after = vendor.truth(kind, query.get("after", ""), int(limit))
        except KeyError:
            return _problem(f"unknown kind {kind!r}")
        head = orjson.dumps({"kind": kind, "at": self._now(), "after": after})
        return Response(
            b'%s,"rows":[%s]}' % (head[:-1], b",".join(rows)), media_type="application/json"
        )

    async def read_clock(self, request: Request) -> Response:
        """GET /_clock."""
        return JSONResponse({"now": self._now(), "speed": self._clock.speed})

    async def set_clock(self, request: Request) -> Response:
        """PUT /_clock: any of `now` (ISO), `advance_s`, `speed`."""
        body = await _body(request) or {}
        try:
            if "now" in body:
                moment = datetime.fromisoformat(str(body["now"]))
                self._clock.set(to_us(moment), self._clock.speed)
            if "advance_s" in body:
                self._clock.advance(int(float(str(body["advance_s"])) * SECOND))
            if "speed" in body:
                self._clock.change_speed(float(str(body["speed"])))
        except (ValueError, TypeError):
            return _problem("now must be an ISO time with offset, advance_s and speed numbers")
        return await self.read_clock(request)

    async def read_keys(self, request: Request) -> Response:
        """GET /_keys: API keys with their private halves."""
        return JSONResponse({"kalshi": [key.describe() for key in self._keys.all()]})

    async def read_key(self, request: Request) -> Response:
        """GET /_keys/kalshi?key_type=ed25519: one key, the same after every restart."""
        key = self._keys.first(request.query_params.get("key_type", "ed25519"))
        return JSONResponse(key.describe()) if key else _problem("no such key", 404)

    async def issue_key(self, request: Request) -> Response:
        """POST /_keys {"key_type": "rsa"|"ed25519"}."""
        key_type = str((await _body(request) or {}).get("key_type", "rsa"))
        if key_type not in KEY_TYPES:
            return _problem("key_type must be rsa or ed25519")
        return JSONResponse(self._keys.issue(key_type).describe(), 201)

    async def issue_token(self, request: Request) -> Response:
        """POST /_token {"sub", "email", ...claims, "expires_in"}."""
        body = await _body(request)
        if body is None:
            return _problem("expected a JSON object")
        base = f"{request.url.scheme}://{request.url.netloc}"
        now_s = self._clock.now_us() // SECOND
        try:
            return JSONResponse(self._issuer.token(body, f"{base}/auth/v1", now_s))
        except ValueError:
            return _problem("expires_in must be a whole number of seconds")

    async def read_jwks(self, request: Request) -> Response:
        """GET /auth/v1/.well-known/jwks.json."""
        return JSONResponse(self._issuer.jwks())
