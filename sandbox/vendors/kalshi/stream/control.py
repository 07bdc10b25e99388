"""The socket's control routes, under `/_stream`; none of them is counted or made to fail."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import steady_s
from sandbox.vendors.kalshi.stream.recorded_frames import BY_RECEIVED, FramesError
from sandbox.vendors.kalshi.stream.replay import ReplayPlan
from sandbox.vendors.kalshi.stream.service import StreamService

_ROWS_TOP = 50_000
_FLOOD_TOP, _COPIES_TOP = 100_000.0, 1_000


def _problem(detail: str) -> Response:
    return JSONResponse({"detail": detail}, 400)


async def _body(request: Request) -> dict[str, object]:
    """Return the JSON object of a request.

    Raises:
        ValueError: something else.
    """
    body = json.loads(await request.body() or b"{}")
    if not isinstance(body, dict):
        raise ValueError("expected a JSON object")
    return body


def _number(body: dict[str, object], name: str, default: float, top: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= top:
        raise ValueError(f"{name} must be a number from 0 to {top:g}")
    return float(value)


class StreamControl:
    """Handlers that look at the socket's side."""

    def __init__(self, service: StreamService) -> None:
        """Control one service."""
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route("/_stream/stats", self.read_stats, methods=["GET"]),
            Route("/_stream/sent", self.read_sent, methods=["GET"]),
            Route("/_stream/flood", self.read_flood, methods=["GET"]),
            Route("/_stream/flood", self.put_flood, methods=["PUT"]),
            Route("/_stream/replay", self.read_replay, methods=["GET"]),
            Route("/_stream/replay", self.put_replay, methods=["PUT"]),
            Route("/_stream/replay", self.end_replay, methods=["DELETE"]),
        ]

    async def read_stats(self, request: Request) -> Response:
        """GET /_stream/stats."""
        return JSONResponse(self._service.describe())

    async def read_sent(self, request: Request) -> Response:
        """GET /_stream/sent?after=N&limit=1000."""
        after, limit = (
            request.query_params.get(name, default)
            for name, default in (("after", "0"), ("limit", "1000"))
        )
        if not after.isdecimal() or not limit.isdecimal() or not 0 < int(limit) <= _ROWS_TOP:
            return _problem(f"after must be a number and limit 1 to {_ROWS_TOP}")
        log = self._service.publisher.log
        rows = {"newest": log.number, **log.after(int(after), int(limit))}
        return Response(orjson.dumps(rows), media_type="application/json")

    async def read_flood(self, request: Request) -> Response:
        """GET /_stream/flood."""
        flood = self._service.flood
        rates = {"tickers_per_second": flood.tickers, "lifecycle_per_second": flood.lifecycle}
        return JSONResponse({name: pace.per_second for name, pace in rates.items()})

    async def put_flood(self, request: Request) -> Response:
        """PUT /_stream/flood {"tickers_per_second", "lifecycle_per_second", "seconds"}."""
        flood = self._service.flood
        try:
            body = await _body(request)
            tickers = _number(body, "tickers_per_second", 0, _FLOOD_TOP)
            announced = _number(body, "lifecycle_per_second", 0, _FLOOD_TOP)
            seconds = _number(body, "seconds", 0, 1e6)
        except ValueError as error:
            return _problem(str(error))
        flood.tickers.set(tickers)
        flood.lifecycle.set(announced)
        flood.ends_s = steady_s() + seconds if seconds else None
        return await self.read_flood(request)

    async def read_replay(self, request: Request) -> Response:
        """GET /_stream/replay."""
        replay = self._service.replay
        return JSONResponse({"active": False} if replay is None else replay.describe())

    async def put_replay(self, request: Request) -> Response:
        """PUT /_stream/replay {"files", "by", "speed", "copies", "paused"}; files start anew."""
        try:
            self._change_replay(await _body(request))
        except (ValueError, FramesError) as error:
            return _problem(str(error))
        return await self.read_replay(request)

    def _change_replay(self, body: dict[str, object]) -> None:
        service = self._service
        if "files" in body:
            service.begin_replay(_plan(body))
        if service.replay is None:
            raise ValueError("nothing is replayed: files is required")
        service.replay.speed = _number(body, "speed", service.replay.speed, 1e6)
        if "paused" in body:
            service.replay.is_paused = body["paused"] is True
            service.start()

    async def end_replay(self, request: Request) -> Response:
        """DELETE /_stream/replay: back to the world."""
        self._service.end_replay()
        return await self.read_replay(request)


def _plan(body: dict[str, object]) -> ReplayPlan:
    files = body["files"]
    if not isinstance(files, list):
        raise ValueError("files must be a list of paths")
    copies = int(_number(body, "copies", 1, _COPIES_TOP))
    return ReplayPlan(
        tuple(Path(str(name)) for name in files),
        str(body.get("by", BY_RECEIVED)),
        _number(body, "speed", 1.0, 1e6),
        max(copies, 1),
    )
