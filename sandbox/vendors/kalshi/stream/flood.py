"""Floods: true states sent again and again, at a rate asked for."""

from __future__ import annotations

from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.stream import announcements
from sandbox.vendors.kalshi.stream.publisher import Publisher
from sandbox.vendors.kalshi.stream.subscriptions import LIFECYCLE, TICKER
from sandbox.vendors.kalshi.stream.tickers import Tickers
from sandbox.world.model import Market, Status

_LOOK_S = 5.0
_ROUND_TOP = 2_000  # messages of a kind in one round; more debt than a second's is dropped


class Pace:
    """How many are due when so many a second are wanted."""

    def __init__(self) -> None:
        """Nothing is due."""
        self.per_second = 0.0
        self._at_s = 0.0
        self._owed = 0.0

    def set(self, per_second: float) -> None:
        """Begin anew with another rate."""
        self.per_second, self._at_s, self._owed = per_second, 0.0, 0.0

    def due(self, now_s: float) -> int:
        """Return how many are due now."""
        if not self.per_second:
            return 0
        if self._at_s:
            owed = self._owed + (now_s - self._at_s) * self.per_second
            self._owed = min(owed, self.per_second)
        self._at_s = now_s
        count = min(int(self._owed), _ROUND_TOP)
        self._owed -= count
        return count


class Flood:
    """Sends tickers and announcements of the active markets in turn."""

    def __init__(self, ctx: Context, publisher: Publisher, tickers: Tickers) -> None:
        """Start switched off."""
        self.tickers, self.lifecycle = Pace(), Pace()
        self.ends_s: float | None = None
        self._ctx, self._publisher, self._states = ctx, publisher, tickers
        self._markets: list[Market] = []
        self._looked_s = 0.0
        self._turn = self._number = 0

    @property
    def is_on(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.tickers.per_second or self.lifecycle.per_second)

    def step(self, now_s: float) -> None:
        """Send what is due."""
        if not self.is_on:
            return
        if self.ends_s is not None and now_s >= self.ends_s:
            self.tickers.set(0)
            self.lifecycle.set(0)
            return
        tickers, announced = self.tickers.due(now_s), self.lifecycle.due(now_s)
        if self._is_silent():
            return
        self._look(now_s)
        now_us = self._ctx.clock.now_us()
        if self._markets and self._publisher.followers(TICKER):
            for _ in range(tickers):
                market = self._next()
                self._publisher.publish(self._states.message(market, now_us, now_us))
        if self._markets and self._publisher.followers(LIFECYCLE):
            for _ in range(announced):
                self._announce(self._next(), now_us)

    def _is_silent(self) -> bool:
        faults = self._ctx.faults
        return any(faults.active(name) for name in ("ws_stall_open", "ws_stall_closed"))

    def _look(self, now_s: float) -> None:
        """Find out from time to time which markets are active."""
        if self._markets and now_s - self._looked_s < _LOOK_S:
            return
        world = self._ctx.world
        self._looked_s, self._markets = now_s, []
        for market in world.markets.values():
            state = world.state(market)
            if state is not None and state.status is Status.ACTIVE and not market.event.collection:
                self._markets.append(market)

    def _next(self) -> Market:
        self._turn = (self._turn + 1) % len(self._markets)
        return self._markets[self._turn]

    def _announce(self, market: Market, now_us: int) -> None:
        self._number += 1
        message = announcements.metadata_announced(market, now_us, number=self._number)
        self._publisher.publish(message)
