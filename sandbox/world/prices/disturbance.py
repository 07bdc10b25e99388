"""What moves a price without being news: a sweep of the book, quotes that blink."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sandbox.world.model import Grid
from sandbox.world.prices.grids import snap
from sandbox.world.prices.matching import NO, YES, Order, OrderBook
from sandbox.world.units import CONTRACT, DOLLAR

_STUB = 10 * CONTRACT  # what waits far away while the usual offers are gone


class Form(StrEnum):
    """How a book is disturbed."""

    SWEEP = "sweep"  # one order takes every offer within reach
    BLINK = "blink"  # the offers within reach are taken back; nobody trades


class Disturbance(NamedTuple):
    """Something that happens to one book and means nothing.

    Attributes:
        at_us: when.
        size: how far the price goes, signed price units of YES.
        over_us: how long everybody looks on before the book fills again.
        form: how.
    """

    at_us: int
    size: int
    over_us: int
    form: Form


def sweep_of(book: OrderBook, size: int) -> Order | None:
    """Return the order that takes every offer up to `size` beyond the best one.

    One contract of the last offer of a book is left, so that the book keeps both sides.
    """
    leg = YES if size > 0 else NO
    other = book.sides[1 - leg]
    if not other.prices:
        return None
    reach = other.prices[-1] - abs(size)
    taken = [price for price in other.prices if price >= reach]
    count = sum(other.totals[price] for price in taken)
    if len(taken) == len(other.prices):
        count -= CONTRACT
    return Order(leg, DOLLAR - taken[0], count, "sweep") if count > 0 else None


def blink(book: OrderBook, grid: Grid, size: int) -> None:
    """Take back the offers that hold the mid, so that it moves by `size`.

    Orders from outside stay; a small offer waits where the mid is `size` away.
    """
    leg = NO if size > 0 else YES
    side = book.sides[leg]
    if not side.prices:
        return
    floor = max(side.prices[-1] - 2 * abs(size), 0)
    stub = snap(grid, floor) if leg == YES else DOLLAR - snap(grid, DOLLAR - floor)
    for price in [price for price in side.prices if price > stub]:
        for order in list(side.queues[price]):
            if order.owner in ("maker", "noise"):
                side.remove(order)
                order.count = 0
    if 0 < stub < DOLLAR and (not side.prices or side.prices[-1] < stub):
        side.add(Order(leg, stub, _STUB, "noise"))
