"""Price grids: which prices are valid and how to walk along them."""

from sandbox.world.model import Grid
from sandbox.world.units import DOLLAR

# start, end, step in price units; the exchange sends them with every market
RANGES: dict[Grid, tuple[tuple[int, int, int], ...]] = {
    Grid.LINEAR: ((0, 10_000, 100),),
    Grid.DECI: ((0, 10_000, 10),),
    Grid.TAPERED: ((0, 1_000, 10), (1_000, 9_000, 100), (9_000, 10_000, 10)),
}


def step_above(grid: Grid, price: int) -> int:
    """Return the tick between a price and the next higher one."""
    for _, end, step in RANGES[grid]:
        if price < end:
            return step
    return RANGES[grid][-1][2]


def step_below(grid: Grid, price: int) -> int:
    """Return the tick between a price and the next lower one."""
    for _, end, step in RANGES[grid]:
        if price <= end:
            return step
    return RANGES[grid][-1][2]


def snap(grid: Grid, price: float) -> int:
    """Round down to a valid price within 0..1 dollar."""
    whole = min(max(int(price), 0), DOLLAR)
    step = step_above(grid, whole)
    return whole // step * step


def climb(grid: Grid, price: int, ticks: int) -> int:
    """Walk `ticks` upwards, not beyond a dollar."""
    for _ in range(ticks):
        price += step_above(grid, price)
    return min(price, DOLLAR)


def is_valid(grid: Grid, price: int) -> bool:
    """Say whether an order at this price would be accepted."""
    return any(
        start <= price <= end and (price - start) % step == 0 for start, end, step in RANGES[grid]
    )


def _ladder(grid: Grid) -> tuple[int, ...]:
    """Return every valid price, 0 and a dollar included, rising."""
    prices = [0]
    while prices[-1] < DOLLAR:
        prices.append(prices[-1] + step_above(grid, prices[-1]))
    return tuple(prices)


LADDERS: dict[Grid, tuple[int, ...]] = {grid: _ladder(grid) for grid in Grid}
