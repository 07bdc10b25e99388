"""Prices of both makers: on the grid, consistent, alive, never beyond their market."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from sandbox.world.model import Grid, Market, Status
from sandbox.world.prices import BookPrices, PriceSource, SeededPrices
from sandbox.world.prices.grids import RANGES, climb, is_valid, snap, step_above, step_below
from sandbox.world.units import DAY, DOLLAR, HOUR, MINUTE
from sandbox.world.world import World

MakePrices = Callable[[World], PriceSource]

_MAKERS: dict[str, MakePrices] = {"book": BookPrices, "seeded": lambda world: SeededPrices()}


@pytest.fixture(scope="module", params=list(_MAKERS))
def make_prices(request: pytest.FixtureRequest) -> MakePrices:
    """Both ways of making prices."""
    return _MAKERS[request.param]


@pytest.fixture(scope="module")
def prices(make_prices: MakePrices, world: World) -> PriceSource:
    """Prices of the shared world."""
    return make_prices(world)


def trading(world: World, count: int = 400) -> list[Market]:
    found = []
    for market in world.markets.values():
        state = world.state(market)
        if state is not None and state.status is Status.ACTIVE:
            found.append(market)
    return found[:count]


@pytest.mark.parametrize("grid", list(Grid))
def test_every_step_of_a_grid_is_valid_and_reversible(grid: Grid) -> None:
    price, steps = 0, 0
    while price < DOLLAR:
        above = price + step_above(grid, price)
        assert is_valid(grid, above)
        assert above - step_below(grid, above) == price
        price, steps = above, steps + 1
    assert price == DOLLAR
    assert steps == sum((end - start) // step for start, end, step in RANGES[grid])


def test_snap_and_climb_cross_the_borders_of_a_tapered_grid() -> None:
    assert snap(Grid.TAPERED, 999) == 990
    assert snap(Grid.TAPERED, 1_099) == 1_000
    assert climb(Grid.TAPERED, 990, 2) == 1_100
    assert climb(Grid.TAPERED, 8_900, 2) == 9_010
    assert climb(Grid.LINEAR, 9_900, 5) == DOLLAR


def test_quotes_lie_on_the_grid_and_never_cross(world: World, prices: PriceSource) -> None:
    sides = set()
    for market in trading(world):
        quote = prices.snapshot(market, world.now_us).quote
        sides.add((quote.bid is None, quote.ask is None))
        for price, size in ((quote.bid, quote.bid_size), (quote.ask, quote.ask_size)):
            if price is None:
                assert size == 0
            else:
                assert 0 < price < DOLLAR
                assert is_valid(market.event.grid, price)
                assert size > 0
        if quote.bid is not None and quote.ask is not None:
            assert quote.bid < quote.ask
    assert sides == {(False, False), (False, True), (True, False), (True, True)}


def test_volume_is_the_sum_of_the_trades(world: World, prices: PriceSource) -> None:
    compared = 0
    for market in trading(world):
        trades = prices.count(market, world.now_us)
        if 0 < trades < 500:
            tape = [prices.trade(market, number) for number in range(trades)]
            figures = prices.snapshot(market, world.now_us)
            assert sum(trade.count for trade in tape) == figures.volume
            assert all(trade.count > 0 for trade in tape)
            assert tape[-1].price == figures.last
            times = [trade.at_us for trade in tape]
            assert times == sorted(times)
            assert market.event.open_us <= times[0] <= times[-1] <= world.now_us
            compared += 1
    assert compared > 50


def test_candles_add_up_to_the_volume(world: World, prices: PriceSource) -> None:
    market = next(m for m in trading(world) if 20 < prices.count(m, world.now_us) < 300)
    start = market.event.open_us
    candles = list(prices.candles(market, start, world.now_us + HOUR, HOUR))
    total = prices.snapshot(market, candles[-1].end_us).volume
    assert sum(candle.volume for candle in candles) == total
    traded = [candle for candle in candles if candle.price]
    for before, after in pairwise(traded):
        assert before.price is not None
        assert after.previous == before.price[3]
    for candle in candles:
        for bar in (candle.bid, candle.ask, candle.price):
            if bar:
                assert bar[2] <= min(bar[0], bar[3]) <= max(bar[0], bar[3]) <= bar[1]


def test_prices_drift_and_repeat(
    world: World, prices: PriceSource, make_prices: MakePrices
) -> None:
    markets = [m for m in trading(world) if m.flow.sides == "both"][:100]
    now = world.now_us
    quotes = [prices.snapshot(m, now).quote for m in markets]
    again = make_prices(world)
    assert quotes == [again.snapshot(m, now).quote for m in markets]
    later = [prices.snapshot(m, now + 6 * HOUR).quote for m in markets]
    assert quotes != later


def test_nothing_trades_in_a_pause_and_nothing_is_quoted_after_the_close(
    world: World, prices: PriceSource
) -> None:
    paused = next(
        m for m in world.markets.values() if len(m.life.sessions) > 1 and m.flow.interval_us
    )
    (_, begin), (end, close) = paused.life.sessions[0], paused.life.sessions[1]
    assert prices.count(paused, begin) == prices.count(paused, end)
    after = prices.snapshot(paused, close + MINUTE)
    assert after.quote.bid is None
    assert after.quote.ask is None
    assert prices.book(paused, close + MINUTE, 0).yes == ()


def test_a_finished_market_ends_at_its_result(world: World, prices: PriceSource) -> None:
    past = [m for m in world.markets.values() if m.life.sessions[-1][1] < world.now_us]
    ended = [m for m in past[::8] if prices.count(m, world.now_us) > 50]
    assert ended
    near = 0
    for market in ended:
        last = prices.snapshot(market, world.now_us).last
        assert last is not None
        near += abs(last - market.result.value) <= 2_500
    assert near / len(ended) > 0.8


def test_two_sides_of_a_game_mirror_each_other(world: World) -> None:
    games = [e for e in world.events.values() if e.series.ticker == "KXNBAGAME"]
    for event in games:
        away, home = event.markets
        assert away.flow.driver == home.flow.driver
        assert away.flow.sign == -home.flow.sign


def test_book_starts_at_the_quote_and_walks_away_from_it(world: World, prices: PriceSource) -> None:
    for market in trading(world, 100):
        quote = prices.snapshot(market, world.now_us).quote
        book = prices.book(market, world.now_us, 0)
        assert (book.yes[-1] if book.yes else None) == (
            (quote.bid, quote.bid_size) if quote.bid is not None else None
        )
        assert (book.no[-1] if book.no else None) == (
            (DOLLAR - quote.ask, quote.ask_size) if quote.ask is not None else None
        )
        for side in (book.yes, book.no):
            assert [price for price, _ in side] == sorted({price for price, _ in side})
        assert len(prices.book(market, world.now_us, 2).yes) <= 2


def test_yesterday_is_unknown_for_a_new_market(world: World, prices: PriceSource) -> None:
    young = next(m for m in trading(world, 10_000) if m.event.open_us > world.now_us - DAY)
    old = next(m for m in trading(world, 10_000) if m.event.open_us < world.now_us - 2 * DAY)
    assert prices.snapshot(young, world.now_us).previous is None
    assert prices.snapshot(old, world.now_us).previous is not None
