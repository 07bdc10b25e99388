"""Seeded fair values and the quotes around them: a pure function of market and time."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from sandbox.world.model import Grid, Market
from sandbox.world.noise import UNIT, slot_of, unit, wave
from sandbox.world.prices.grids import climb, snap, step_above
from sandbox.world.units import CENT, DOLLAR, HOUR, MINUTE, SECOND

CELL_US = 20 * SECOND  # quotes change at these borders only
_SIZE_CELL_US = 2 * MINUTE


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask of YES in price units, sizes in count units; None means no such side."""

    bid: int | None = None
    ask: int | None = None
    bid_size: int = 0
    ask_size: int = 0


NO_QUOTE = Quote()


def _size_table() -> tuple[int, ...]:
    """Return order sizes with a long tail; every other one is fractional."""
    sizes = []
    for index, value in enumerate(UNIT):
        size = int(exp(2.0 + 9.0 * value * value) * 100)
        sizes.append(size if index % 2 else size // 100 * 100)
    return tuple(sizes)


_SIZES = _size_table()


def size_at(key: int, level: int, at_us: int) -> int:
    """Return the size resting `level` ticks from the best price."""
    return _SIZES[slot_of(key ^ level, at_us // _SIZE_CELL_US + level)]


def fair(market: Market, at_us: int) -> float:
    """Return the probability of YES: slow drift, then towards the result as it shows."""
    flow = market.flow
    if flow.sign:
        drift = flow.sign * (
            0.30 * wave(flow.driver, at_us, 6 * HOUR)
            + 0.05 * wave(flow.driver ^ 1, at_us, 40 * MINUTE)
        )
    else:
        drift = 0.20 * wave(flow.key, at_us, 6 * HOUR)
    value = 1.0 / (1.0 + exp(-log(flow.fair / (1.0 - flow.fair)) - drift))
    event = market.event
    if at_us <= event.start_us:
        return value
    known = min((at_us - event.start_us) / max(event.end_us - event.start_us, 1), 1.0)
    known *= known
    return (1.0 - known) * value + known * (market.result.value / DOLLAR)


def quote_at(market: Market, at_us: int) -> Quote:
    """Return the quote of a trading market."""
    flow = market.flow
    if flow.sides == "none":
        return NO_QUOTE
    cell = at_us // CELL_US
    grid = market.event.grid
    centre = fair(market, cell * CELL_US) * DOLLAR
    spread = flow.spread + (unit(flow.key, cell) > 0.9)
    if grid is Grid.LINEAR:  # most markets: no need to walk the grid
        low = max(int(centre) - spread * CENT // 2, 0) // CENT * CENT
        high = min(low + spread * CENT, DOLLAR)
    else:
        low = snap(grid, centre - spread * step_above(grid, snap(grid, centre)) / 2)
        high = climb(grid, low, spread)
    bid = low if low > 0 and flow.sides != "ask" else None
    ask = high if high < DOLLAR and flow.sides != "bid" else None
    return Quote(
        bid,
        ask,
        0 if bid is None else size_at(flow.key, 0, at_us),
        0 if ask is None else size_at(flow.key + 7, 0, at_us),
    )
