"""Who trades: makers around their own belief, people without news, people with it."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from math import exp
from random import Random
from statistics import NormalDist

from sandbox.world.model import Market
from sandbox.world.prices.grids import LADDERS
from sandbox.world.prices.matching import NO, YES, Order, OrderBook
from sandbox.world.units import CENT, CONTRACT, DOLLAR

_PULL = 0.15  # of the way to what a maker hears, at each look
_HEARING = 0.2  # ticks a maker mishears by
_TOLERANCE = 0.8  # ticks a maker lets its quotes be off before it moves them
_TREMOR = 0.25  # ticks a belief must have moved since, where the offers cannot follow it
_PRESSURE = 0.3  # ticks a large order moves a maker's belief
_TURNS = 0.02  # how often noise traders change sides
_WAITING = 5  # offers of noise traders at any time
_NOWHERE = -2.0 * DOLLAR
_LEAST_LOT = 10 * CONTRACT


def _multiples(sigma: float) -> tuple[float, ...]:
    """Return sizes around a mean of 1 with a long tail."""
    normal = NormalDist(-sigma * sigma / 2.0, sigma)
    return tuple(exp(normal.inv_cdf((n + 0.5) / 1_024)) for n in range(1_024))


_NOISY, _DEEP = _multiples(1.2), _multiples(0.6)


def _whole(count: float, bits: int) -> int:
    """Return a size in count units; three of four people deal in whole contracts."""
    size = int(count)
    return max(size, 1) if bits & 3 == 0 else max(size // CONTRACT, 1) * CONTRACT


class Maker:
    """Keeps a row of offers on each leg around its belief and moves them when it changes.

    Attributes:
        belief: what it thinks YES is worth, price units.
    """

    def __init__(self, market: Market, first: int, levels: int) -> None:
        """Quote `levels` prices on each leg, the best ones `first` ticks behind the usual."""
        self._grid = LADDERS[market.event.grid]
        self._spread, self._first, self._levels = market.flow.spread, first, levels
        self._lot = 5 * max(market.flow.lot, _LEAST_LOT)
        sides = market.flow.sides
        self._legs = tuple(
            leg for leg, other in ((YES, "ask"), (NO, "bid")) if sides not in (other, "none")
        )
        self._offers: tuple[dict[int, Order], dict[int, Order]] = ({}, {})
        self._centre, self._bid, self._ask = _NOWHERE, 0, 0
        self._tick, self._quoted = CENT, _NOWHERE
        self._is_worn = False
        self.belief = 0.0

    def open(self, fair: float) -> None:
        """Begin to believe something; nothing is quoted yet."""
        self.belief, self._centre, self._quoted = fair, _NOWHERE, _NOWHERE
        self._offers = ({}, {})

    def hear(self, leg: int, taken: int, *, is_worn: bool) -> None:
        """Notice that somebody bought a leg, who may know something.

        Args:
            leg: Which leg.
            taken: How much of it, count units.
            is_worn: Whether an offer is used up.
        """
        weight = min(taken / self._lot, 1.0) * _PRESSURE * self._tick
        self.belief += weight if leg == YES else -weight
        self._is_worn = self._is_worn or is_worn

    def startle(self) -> None:
        """Notice that offers of its own are gone."""
        self._is_worn = True

    def act(self, book: OrderBook, fair: float, rng: Random) -> bool:
        """Think again about the value and move the offers if they are off; say whether."""
        gap = fair - self.belief
        self.belief += _PULL * (gap + (rng.random() - 0.5) * 2.0 * _HEARING * self._tick)
        self.belief = min(max(self.belief, 1.0), DOLLAR - 1.0)
        is_off = abs(self.belief - self._centre) > _TOLERANCE * self._tick
        if is_off and abs(self.belief - self._quoted) > _TREMOR * self._tick:
            self._quote(book, rng)
            return True
        if self._is_worn:
            self._quote(book, rng, move=False)
            return True
        return False

    def _quote(self, book: OrderBook, rng: Random, *, move: bool = True) -> None:
        """Offer on every price of the row that has no offer yet, after taking back the others."""
        grid = self._grid
        if move:
            self._quoted = self.belief
            here = bisect_right(grid, self.belief) - 1
            self._tick = grid[min(here + 1, len(grid) - 1)] - grid[min(here, len(grid) - 2)]
            behind = (self._spread - 1) * self._tick / 2.0
            self._bid = bisect_right(grid, self.belief - behind) - 1
            self._ask = self._bid + self._spread
            self._centre = (grid[max(self._bid, 0)] + grid[min(self._ask, len(grid) - 1)]) / 2.0
        self._is_worn = False
        top = self._bid - self._first
        bottom = self._ask + self._first
        rows = {
            YES: range(top, max(top - self._levels, 0), -1),
            NO: range(bottom, min(bottom + self._levels, len(grid) - 1)),
        }
        for leg in self._legs:
            self._withdraw(book, leg, rows[leg])
        for leg in self._legs:
            self._offer(book, leg, rows[leg], rng)

    def _withdraw(self, book: OrderBook, leg: int, row: Sequence[int]) -> None:
        offers = self._offers[leg]
        for place, order in list(offers.items()):
            if not order.count:
                del offers[place]
            elif place not in row:
                book.sides[leg].remove(order)
                del offers[place]

    def _offer(self, book: OrderBook, leg: int, row: Sequence[int], rng: Random) -> None:
        offers, grid = self._offers[leg], self._grid
        side, other = book.sides[leg], book.sides[1 - leg].prices
        limit = DOLLAR - other[-1] if other else DOLLAR
        for place in row:
            if place in offers:
                continue
            price = grid[place] if leg == YES else DOLLAR - grid[place]
            if price < limit:
                bits = rng.getrandbits(12)
                size = _whole(self._lot * _DEEP[bits >> 2], bits)
                order = offers[place] = Order(leg, price, size, "maker")
                side.add(order)


class Noise:
    """People without news: they stay on one leg for a while, take, or wait a little."""

    def __init__(self, market: Market) -> None:
        """Trade a market."""
        self._grid = LADDERS[market.event.grid]
        self._lot = market.flow.lot
        self._patient = market.flow.sides == "both"
        self._waiting: deque[Order] = deque()
        self._leg = YES

    def open(self) -> None:
        """Begin with nothing waiting."""
        self._waiting.clear()

    def order(self, book: OrderBook, size: float, rng: Random) -> Order | None:
        """Return an order to match, None when an offer was placed (or none is to be had)."""
        if rng.random() < _TURNS:
            self._leg = 1 - self._leg
        bits = rng.getrandbits(12)
        count = _whole(self._lot * size * _NOISY[bits >> 2], bits)
        if self._patient and rng.random() < 0.15:
            self._wait(book, count)
            return None
        if not book.sides[1 - self._leg].prices:
            self._leg = 1 - self._leg
        other = book.sides[1 - self._leg].prices
        if not other:
            return None
        return Order(self._leg, DOLLAR - other[-1], count, "noise")

    def meet(self, book: OrderBook, fair: float, size: float, rng: Random) -> Order:
        """Place an offer at about the fair value; return the order of who came for it."""
        grid = self._grid
        price = grid[min(max(bisect_right(grid, fair) - 1, 1), len(grid) - 2)]
        bits = rng.getrandbits(12)
        count = _whole(self._lot * size * _NOISY[bits >> 2], bits)
        leg = YES if rng.random() < 0.5 else NO
        own, other = (price, DOLLAR - price) if leg == YES else (DOLLAR - price, price)
        book.rest(Order(leg, own, count, "noise"))
        return Order(1 - leg, other, count, "noise")

    def _wait(self, book: OrderBook, count: int) -> None:
        """Join the best bid of the leg; the oldest offer goes when there are many."""
        side = book.sides[self._leg]
        if not side.prices:
            return
        order = Order(self._leg, side.prices[-1], count, "noise")
        side.add(order)
        self._waiting.append(order)
        if len(self._waiting) > _WAITING:
            oldest = self._waiting.popleft()
            if oldest.count:
                book.sides[oldest.leg].remove(oldest)


class Informed:
    """People who know the fair value and take every offer that is better by enough."""

    def __init__(self, market: Market) -> None:
        """Trade a market."""
        self._grid = LADDERS[market.event.grid]
        self._lot = 2.0 * market.flow.lot

    def order(self, book: OrderBook, fair: float, size: float, rng: Random) -> Order | None:
        """Return an order that takes what is worth more (or costs less) than the fair value."""
        yes, no = book.sides[YES].prices, book.sides[NO].prices
        grid = self._grid
        here = bisect_right(grid, fair) - 1
        edge = 0.6 * (grid[min(here + 1, len(grid) - 1)] - grid[min(here, len(grid) - 2)])
        if no and fair - (DOLLAR - no[-1]) > edge:
            price = grid[bisect_right(grid, fair - edge) - 1]
            leg = YES
        elif yes and yes[-1] - fair > edge:
            price = DOLLAR - grid[min(bisect_right(grid, fair + edge), len(grid) - 1)]
            leg = NO
        else:
            return None
        bits = rng.getrandbits(12)
        return Order(leg, price, _whole(self._lot * size * _NOISY[bits >> 2], bits), "informed")
