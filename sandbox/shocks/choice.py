"""Which market a shock hits when nobody names one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sandbox.shocks.stage import Stage
from sandbox.world.model import Market
from sandbox.world.pregame import is_open
from sandbox.world.units import MINUTE

_LOWEST, _HIGHEST = 0.2, 0.8
_AHEAD_US = 30 * MINUTE  # how long it still trades before its game
_APART_US = 20 * MINUTE  # between two shocks of one event, if there is another event


class Chooser:
    """Chooses among what people hold: before the game, open, in the middle of its range.

    Attributes:
        stage: what was shocked already.
    """

    def __init__(
        self, stage: Stage, held: Sequence[Market], others: Callable[[], Sequence[Market]]
    ) -> None:
        """Choose for a stage.

        Args:
            stage: Where shocks happen.
            held: The markets that people hold, the busiest first.
            others: Those to choose from when none of these fits.
        """
        self.stage, self._held, self._others = stage, held, others

    def choose(self, at_us: int) -> Market | None:
        """Return the market for a shock at a time: its event calm, rarely hit, then busy."""
        return self._best(self._held, at_us) or self._best(self._others(), at_us)

    def _best(self, markets: Sequence[Market], at_us: int) -> Market | None:
        ranked = sorted(markets, key=lambda market: self._rank(market, at_us))
        return next((market for market in ranked if self._fits(market, at_us)), None)

    def _rank(self, market: Market, at_us: int) -> tuple[bool, int]:
        event = market.event.ticker
        gap_us = self.stage.gap_us(event, at_us)
        return gap_us is not None and gap_us < _APART_US, self.stage.count(event)

    def _fits(self, market: Market, at_us: int) -> bool:
        until_us = at_us + _AHEAD_US
        if market.event.start_us <= until_us or not is_open(market, at_us, until_us):
            return False
        return _LOWEST <= self.stage.fair(market, at_us) <= _HIGHEST
