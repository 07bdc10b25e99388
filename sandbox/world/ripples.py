"""How news about one market reaches its siblings."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sandbox.world.model import Market
from sandbox.world.pregame import is_open
from sandbox.world.prices.latent import chance_of, log_odds
from sandbox.world.units import DOLLAR

LEAST, MOST = 0.01, 0.99  # where news can take a value

Fair = Callable[[Market], float]


class Ripple(NamedTuple):
    """What news does to one market: `size` in price units of YES."""

    market: Market
    size: int


def ripples(market: Market, at_us: int, size: int, fair: Fair) -> list[Ripple]:
    """Return what news does to a market (first) and to the others of its event that trade.

    Where one outcome excludes the others, what one wins the others lose, each in proportion;
    otherwise those with the same driver move with it or against it.

    Args:
        market: Whose value moves by `size` price units, as far as 1 and 99 cents allow.
        at_us: When it begins.
        size: Signed price units.
        fair: The values before.

    Returns:
        No ripple of nothing: an empty list when the value is at its end already.
    """
    before = fair(market)
    after = min(max(before + size / DOLLAR, min(before, LEAST)), max(before, MOST))
    found = [Ripple(market, round((after - before) * DOLLAR))]
    if not found[0].size:
        return []
    for other in market.event.markets:
        if other is market or not is_open(other, at_us, at_us):
            continue
        value = fair(other)
        moved = _sibling(market, other, (before, after), value) - value
        found.append(Ripple(other, round(moved * DOLLAR)))
    return [ripple for ripple in found if ripple.size]


def _sibling(market: Market, other: Market, move: tuple[float, float], value: float) -> float:
    """Return the new value of a sibling."""
    before, after = move
    if market.event.exclusive:
        return min(value * (1.0 - after) / (1.0 - before), max(value, MOST))
    if market.flow.sign and other.flow.driver == market.flow.driver:
        sign = market.flow.sign * other.flow.sign
        return chance_of(log_odds(value) + sign * (log_odds(after) - log_odds(before)))
    return value
