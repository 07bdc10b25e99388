"""`/_shock`: news or noise on demand; `/_truth`: what really happened to prices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import SandboxClock
from sandbox.shocks.choice import Chooser
from sandbox.shocks.shock import Kind, Shock
from sandbox.shocks.stage import Stage
from sandbox.shocks.truth import Truth
from sandbox.world.eastern import to_us
from sandbox.world.model import Market
from sandbox.world.pregame import trades_now
from sandbox.world.prices.disturbance import Disturbance, Form
from sandbox.world.units import DOLLAR, SECOND
from sandbox.world.world import World

_LONGEST_S = {Kind.PRIVATE: 3_600, Kind.NOISE: 120}
_USUAL_S = {Kind.PRIVATE: 60, Kind.NOISE: 10}
_EXPECTED = (
    'expected {"kind": "private"|"noise", "ticker": ..., "delta": "-0.08", "seconds": 60, '
    '"form": "sweep"|"blink"}; only delta is required'
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a caller wants; no ticker: any market that somebody holds."""

    kind: Kind
    ticker: str | None
    delta: Decimal
    seconds: int
    form: Form

    @property
    def size(self) -> int:
        """Signed price units."""
        return int(self.delta * DOLLAR)


class Shocks:
    """Asks the books for shocks and tells the truth about all of them."""

    def __init__(self, world: World, clock: SandboxClock, chooser: Chooser | None) -> None:
        """Shock the markets of a world; without somebody to choose them they cannot be."""
        self._world, self._clock, self._chooser = world, clock, chooser
        self._truth = Truth(world, chooser.stage) if chooser else None
        self._asked: list[dict[str, object]] = []
        self._asked_us = 0  # when the last of them began

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route("/_shock", self.read, methods=["GET"]),
            Route("/_shock", self.shock, methods=["POST"]),
            Route("/_truth", self.read_truth, methods=["GET"]),
        ]

    async def read(self, request: Request) -> Response:
        """GET /_shock: all that were asked for, oldest first."""
        return JSONResponse({"shocks": self._asked})

    async def read_truth(self, request: Request) -> Response:
        """GET /_truth?since=ISO&after=ID: what began at a time or later, behind an id."""
        query = request.query_params
        try:
            since_us = to_us(_moment(query["since"])) if "since" in query else 0
        except ValueError:
            return _problem("since must be an ISO time")
        if self._truth is None:
            return JSONResponse([])
        self._world.advance(self._clock.now_us())
        found = self._truth.read(since_us, max(self._world.now_us, self._asked_us))
        after = query.get("after")
        if after:
            ids = [shock["id"] for shock in found]
            if after not in ids:
                return _problem("no such shock", 404)
            found = found[ids.index(after) + 1 :]
        return JSONResponse(found)

    async def shock(self, request: Request) -> Response:
        """POST /_shock: see `_EXPECTED`."""
        if self._chooser is None:
            return _problem("seeded prices have no traders; start with --prices book", 409)
        try:
            asked = _read(json.loads(await request.body()))
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
            return _problem(_EXPECTED)
        longest_s = _LONGEST_S[asked.kind]
        if not asked.size or abs(asked.delta) >= 1 or not 0 <= asked.seconds <= longest_s:
            return _problem(f"delta is -1 to 1 and not 0, seconds 0 to {longest_s}")
        self._world.advance(self._clock.now_us())
        market = self._find(self._chooser, asked.ticker)
        if market is None:
            return _problem("no such market trades now", 404)
        stage = self._chooser.stage
        shock = _play(stage, market, self._world.now_us, asked)
        if shock is None:
            return _problem("the price is at its end", 409)
        self._asked.append(shock.describe(stage.values(shock)))
        self._asked_us = shock.at_us
        return JSONResponse(self._asked[-1], 201)

    def _find(self, chooser: Chooser, ticker: str | None) -> Market | None:
        if ticker is None:
            return chooser.choose(self._world.now_us)
        market = self._world.markets.get(ticker)
        return market if market is not None and trades_now(self._world, market) else None


def _read(body: dict[str, object]) -> _Asked:
    """Read a request.

    Raises:
        ValueError, TypeError, KeyError, AttributeError, InvalidOperation: it is something else.
    """
    kind = Kind(str(body.get("kind", Kind.PRIVATE)))
    delta = Decimal(str(body["delta"]))
    if not delta.is_finite():
        raise ValueError("not a number")
    ticker = body.get("ticker")
    return _Asked(
        kind=kind,
        ticker=None if ticker is None else str(ticker),
        delta=delta,
        seconds=int(str(body.get("seconds", _USUAL_S[kind]))),
        form=Form(str(body.get("form", Form.SWEEP))),
    )


def _play(stage: Stage, market: Market, now_us: int, asked: _Asked) -> Shock | None:
    over_us, delta = asked.seconds * SECOND, str(asked.delta)
    if asked.kind is Kind.NOISE:
        disturbance = Disturbance(now_us, asked.size, over_us, asked.form)
        return stage.play_noise(market, disturbance, delta)
    return stage.play_private(market, now_us, asked.size, over_us, delta)


def _moment(text: str) -> datetime:
    """Read an ISO time; without an offset it is UTC.

    Raises:
        ValueError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # an unescaped plus arrives as a space
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _problem(detail: str, status: int = 400) -> Response:
    return JSONResponse({"detail": detail}, status)
