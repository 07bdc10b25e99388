"""The matching book against a naive one: priority, conservation, never crossed."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world.prices.matching import NO, YES, Fill, Order, OrderBook
from sandbox.world.units import DOLLAR


@dataclass
class Waiting:
    """An order of the naive book: a row in a list in order of arrival."""

    order: Order
    left: int


class NaiveBook:
    """Looks through all orders for the best one, oldest first."""

    def __init__(self) -> None:
        self.rows: list[Waiting] = []

    def submit(self, order: Order, count: int) -> list[tuple[Order, int, int]]:
        fills = []
        while count:
            others = [r for r in self.rows if r.order.leg != order.leg and r.left]
            others = [r for r in others if r.order.price + order.price >= DOLLAR]
            if not others:
                self.rows.append(Waiting(order, count))
                break
            best = max(others, key=lambda row: row.order.price)  # the first of equals
            taken = min(best.left, count)
            best.left -= taken
            count -= taken
            own = best.order.price
            fills.append((best.order, own if best.order.leg == YES else DOLLAR - own, taken))
        return fills

    def cancel(self, order: Order) -> None:
        self.rows = [row for row in self.rows if row.order is not order]

    def levels(self, leg: int) -> tuple[tuple[int, int], ...]:
        totals: dict[int, int] = defaultdict(int)
        for row in self.rows:
            if row.order.leg == leg and row.left:
                totals[row.order.price] += row.left
        return tuple(sorted(totals.items()))


def best(book: OrderBook, leg: int) -> int:
    levels = book.levels(leg, 1)
    return levels[0][0] if levels else 0


ORDERS = st.tuples(
    st.sampled_from((YES, NO)),
    st.integers(1, 99).map(lambda cents: cents * 100),
    st.integers(1, 5_000),
    st.sampled_from("abcd"),
)
STEPS = st.lists(st.one_of(ORDERS, st.integers(0, 60)), max_size=80)


@given(steps=STEPS)
def test_it_is_the_naive_book_only_faster(
    steps: list[tuple[int, int, int, str] | int],
) -> None:
    book, naive = OrderBook(), NaiveBook()
    sent: list[Order] = []
    for step in steps:
        if isinstance(step, int):
            if step < len(sent):
                book.cancel(sent[step])
                naive.cancel(sent[step])
        else:
            leg, price, count, owner = step
            order = Order(leg, price, count, owner)
            fills = book.submit(order)
            expected = naive.submit(order, count)
            assert [(f.maker, f.price, f.count) for f in fills] == expected
            assert all(fill.taker is order for fill in fills)
            sent.append(order)
        assert book.levels(YES, 0) == naive.levels(YES)
        assert book.levels(NO, 0) == naive.levels(NO)
        assert best(book, YES) + best(book, NO) < DOLLAR


@given(orders=st.lists(ORDERS, max_size=80))
def test_money_and_contracts_are_conserved_in_every_match(
    orders: list[tuple[int, int, int, str]],
) -> None:
    book = OrderBook()
    paid: dict[str, int] = defaultdict(int)
    held: dict[tuple[str, int], int] = defaultdict(int)
    dealt = 0
    for number, (leg, price, count, _) in enumerate(orders):
        order = Order(leg, price, count, str(number))
        for fill in book.submit(order):
            maker, taker = fill.maker, fill.taker
            cost = {YES: fill.price, NO: DOLLAR - fill.price}
            for side in (maker, taker):
                assert cost[side.leg] <= side.price, "nobody pays more than the limit"
                paid[side.owner] += cost[side.leg] * fill.count
                held[side.owner, side.leg] += fill.count
            assert maker.leg != taker.leg
            assert cost[maker.leg] == maker.price
            dealt += fill.count
        assert sum(paid.values()) == dealt * DOLLAR
    for number, (leg, _, count, _) in enumerate(orders):
        assert held[str(number), leg] <= count
        assert held[str(number), 1 - leg] == 0
    for leg in (YES, NO):
        assert sum(n for (_, side), n in held.items() if side == leg) == dealt


def test_equal_prices_trade_in_order_of_arrival() -> None:
    book = OrderBook()
    first, second = Order(NO, 4_000, 300), Order(NO, 4_000, 300)
    better = Order(NO, 4_100, 100)
    for order in (first, second, better):
        assert book.submit(order) == []
    taker = Order(YES, 6_000, 500)
    fills = book.submit(taker)
    assert fills == [
        Fill(taker, better, 5_900, 100),
        Fill(taker, first, 6_000, 300),
        Fill(taker, second, 6_000, 100),
    ]
    assert (taker.count, second.count) == (0, 200)
    assert book.levels(NO, 0) == ((4_000, 200),)


def test_what_is_left_waits_at_its_own_price() -> None:
    book = OrderBook()
    book.submit(Order(YES, 5_500, 100))
    taker = Order(NO, 5_000, 250)
    fills = book.submit(taker)
    assert [(fill.price, fill.count) for fill in fills] == [(5_500, 100)]
    assert book.levels(NO, 0) == ((5_000, 150),)
    assert book.levels(YES, 0) == ()


def test_taking_leaves_nothing_behind() -> None:
    book = OrderBook()
    fills: list[Fill] = []
    order = Order(YES, 5_000, 100)
    book.take(order, fills)
    assert (fills, order.count, book.levels(YES, 0)) == ([], 100, ())


def test_a_cancelled_order_keeps_no_place() -> None:
    book = OrderBook()
    first, second = Order(YES, 5_000, 10), Order(YES, 5_000, 20)
    book.submit(first)
    book.submit(second)
    assert book.cancel(first)
    assert not book.cancel(first)
    assert book.levels(YES, 0) == ((5_000, 20),)
    assert [fill.maker for fill in book.submit(Order(NO, 5_000, 20))] == [second]
    assert not book.cancel(second), "it was filled"
    assert not book.cancel(Order(YES, 5_000, 1)), "it never was here"


@pytest.mark.parametrize(
    ("order", "why"),
    [
        pytest.param(Order(NO, 5_000, 10), "crosses", id="would-trade"),
        pytest.param(Order(YES, 4_000, 0), "empty", id="wants-nothing"),
    ],
)
def test_orders_that_cannot_rest(order: Order, why: str) -> None:
    book = OrderBook()
    book.submit(Order(YES, 5_000, 10))
    with pytest.raises(ValueError, match="cannot rest"):
        book.rest(order)
    assert book.levels(YES, 0) == ((5_000, 10),), why


def test_levels_are_the_best_ones_best_last() -> None:
    book = OrderBook()
    for price in (4_800, 5_000, 4_900):
        book.submit(Order(YES, price, 10))
    assert [price for price, _ in book.levels(YES, 2)] == [4_900, 5_000]
    assert all(low < high for (low, _), (high, _) in pairwise(book.levels(YES, 0)))
    book.clear()
    assert book.levels(YES, 0) == ()
