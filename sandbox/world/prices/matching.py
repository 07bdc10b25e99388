"""The matching book of one market: bids on YES and bids on NO, best price first, then by time."""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass

from sandbox.world.units import DOLLAR

YES, NO = 0, 1


@dataclass(slots=True, eq=False)
class Order:
    """An offer to buy one leg at a price or lower.

    Attributes:
        leg: `YES` or `NO`; an ask of YES at p is a bid of NO at one dollar minus p.
        price: in the order's own leg, price units.
        count: what is still wanted, count units.
    """

    leg: int
    price: int
    count: int
    owner: str = ""


@dataclass(slots=True)
class Fill:
    """One match: both sides together pay a dollar per contract."""

    taker: Order
    maker: Order
    price: int  # of YES, price units
    count: int


class Side:
    """The bids of one leg: `prices` rise, the best is last; equal prices queue by time."""

    __slots__ = ("prices", "queues", "totals")

    def __init__(self) -> None:
        """Start empty."""
        self.prices: list[int] = []
        self.queues: dict[int, deque[Order]] = {}
        self.totals: dict[int, int] = {}

    def add(self, order: Order) -> None:
        """Queue an order behind those of its price."""
        price = order.price
        queue = self.queues.get(price)
        if queue is None:
            self.queues[price] = deque((order,))
            self.totals[price] = order.count
            insort(self.prices, price)
        else:
            queue.append(order)
            self.totals[price] += order.count

    def remove(self, order: Order) -> None:
        """Take a resting order out."""
        price = order.price
        queue = self.queues[price]
        if len(queue) == 1:
            self.prices.remove(price)
            del self.queues[price], self.totals[price]
        else:
            queue.remove(order)
            self.totals[price] -= order.count


class OrderBook:
    """Price-time priority, partial fills; a trade happens at the price of the resting order."""

    __slots__ = ("sides",)

    def __init__(self) -> None:
        """Start empty."""
        self.sides = (Side(), Side())

    def crosses(self, leg: int, price: int) -> bool:
        """Say whether a bid at this price would trade at once."""
        prices = self.sides[1 - leg].prices
        return bool(prices) and prices[-1] + price >= DOLLAR

    def take(self, order: Order, fills: list[Fill]) -> None:
        """Match an order as far as its price allows; what is left of it does not rest."""
        other = self.sides[1 - order.leg]
        prices = other.prices
        while order.count and prices and prices[-1] + order.price >= DOLLAR:
            best = prices[-1]
            queue = other.queues[best]
            before = order.count
            self._match(order, queue, fills)
            if queue:
                other.totals[best] -= before - order.count
            else:
                prices.pop()
                del other.queues[best], other.totals[best]

    def _match(self, order: Order, queue: deque[Order], fills: list[Fill]) -> None:
        """Match with the orders of one price, oldest first."""
        while order.count and queue:
            maker = queue[0]
            count = min(maker.count, order.count)
            maker.count -= count
            order.count -= count
            price = maker.price if maker.leg == YES else DOLLAR - maker.price
            fills.append(Fill(order, maker, price, count))
            if not maker.count:
                queue.popleft()

    def rest(self, order: Order) -> None:
        """Let an order wait.

        Raises:
            ValueError: it would trade at once, or wants nothing.
        """
        if order.count <= 0 or self.crosses(order.leg, order.price):
            raise ValueError("an order that trades or wants nothing cannot rest")
        self.sides[order.leg].add(order)

    def submit(self, order: Order) -> list[Fill]:
        """Match an order and let the remainder wait."""
        fills: list[Fill] = []
        self.take(order, fills)
        if order.count:
            self.sides[order.leg].add(order)
        return fills

    def cancel(self, order: Order) -> bool:
        """Take an order out; False when it does not rest here (any more)."""
        side = self.sides[order.leg]
        if not order.count or order not in side.queues.get(order.price, ()):
            return False
        side.remove(order)
        return True

    def clear(self) -> None:
        """Cancel everything."""
        self.sides = (Side(), Side())

    def levels(self, leg: int, depth: int) -> tuple[tuple[int, int], ...]:
        """Return (price, count) of the best `depth` levels of a leg, best last; 0 is all."""
        side = self.sides[leg]
        return tuple((price, side.totals[price]) for price in side.prices[-depth:])
