"""`/_shock`: news on demand, which reaches a market as informed orders, and the list of them."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import SandboxClock
from sandbox.world.eastern import from_us
from sandbox.world.model import Market, Status
from sandbox.world.noise import uuid_of
from sandbox.world.prices import BookPrices, PriceSource
from sandbox.world.units import DOLLAR, SECOND
from sandbox.world.world import World

_LONGEST_S = 3_600


class Shocks:
    """Asks the books for news and remembers what was asked."""

    def __init__(self, world: World, prices: PriceSource, clock: SandboxClock) -> None:
        """Shock the markets of a world."""
        self._world, self._prices, self._clock = world, prices, clock
        self.told: list[dict[str, object]] = []

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route("/_shock", self.read, methods=["GET"]),
            Route("/_shock", self.shock, methods=["POST"]),
        ]

    async def read(self, request: Request) -> Response:
        """GET /_shock: all since the start, oldest first."""
        return JSONResponse({"shocks": self.told})

    async def shock(self, request: Request) -> Response:
        """POST /_shock {"ticker": ..., "delta": "-0.08", "seconds": 60}."""
        if not isinstance(self._prices, BookPrices):
            return _problem("seeded prices have no traders; start with --prices book", 409)
        try:
            body = json.loads(await request.body())
            ticker, delta = str(body["ticker"]), Decimal(str(body["delta"]))
            seconds = int(body.get("seconds", 60))
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
            return _problem('expected {"ticker": ..., "delta": "-0.08", "seconds": 60}')
        if not delta.is_finite() or not 0 < abs(delta) < 1 or not 0 <= seconds <= _LONGEST_S:
            return _problem(f"delta is -1 to 1 and not 0, seconds 0 to {_LONGEST_S}")
        self._world.advance(self._clock.now_us())
        market = self._world.markets.get(ticker)
        state = self._world.state(market) if market else None
        if market is None or state is None or state.status is not Status.ACTIVE:
            return _problem("no such market trades now", 404)
        return JSONResponse(self._tell(self._prices, market, delta, seconds), 201)

    def _tell(
        self, prices: BookPrices, market: Market, delta: Decimal, seconds: int
    ) -> dict[str, object]:
        now_us = self._world.now_us
        size = int(delta * DOLLAR)
        jump = prices.shock(market, now_us, size, seconds * SECOND)
        shock: dict[str, object] = {
            "id": uuid_of("shock", market.ticker, jump.at_us, len(self.told)),
            "at": from_us(jump.at_us).isoformat(),
            "ticker": market.ticker,
            "delta": str(delta),
            "seconds": seconds,
        }
        self.told.append(shock)
        return shock


def _problem(detail: str, status: int = 400) -> Response:
    return JSONResponse({"detail": detail}, status)
