"""Which markets traded lately, known while the socket follows them all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from sandbox.world.model import Market
from sandbox.world.prices.tape import Trade

_KEPT = 200_000


class RecentTrades:
    """The newest trades of all markets, so that a listing need not look at every market."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._since_us: int | None = None
        self._trades: deque[Trade] = deque()

    def begin(self, at_us: int) -> None:
        """Know every trade from now on."""
        self._since_us = at_us
        self._trades.clear()

    def end(self) -> None:
        """Know nothing any more."""
        self._since_us = None
        self._trades.clear()

    def add(self, trades: Iterable[Trade]) -> None:
        """Take what was dealt, in about its order."""
        self._trades.extend(trades)
        while len(self._trades) > _KEPT:
            self._since_us = self._trades.popleft().at_us

    def markets(self, after_us: int) -> list[Market] | None:
        """Return the markets that traded after a time, None when that is not known."""
        if self._since_us is None or after_us < self._since_us:
            return None
        found = {t.market.ticker: t.market for t in self._trades if t.at_us > after_us}
        return list(found.values())
