"""Simulated markets: every state is legal, nothing depends on how one looks, news moves prices."""

from dataclasses import replace
from itertools import pairwise

import pytest

from sandbox.world.model import Grid, Market
from sandbox.world.prices.arrivals import Kind, arrivals, is_in_play
from sandbox.world.prices.grids import is_valid
from sandbox.world.prices.latent import Latent
from sandbox.world.prices.matching import NO, YES, Order
from sandbox.world.prices.simulation import Simulation
from sandbox.world.units import DAY, DOLLAR, HOUR, MINUTE, SECOND
from sandbox.world.world import World


def busy(world: World, **wanted: object) -> Market:
    """Return a busy market, not the very busiest, whose grid or sides are as wanted."""
    found: list[tuple[int, str]] = []
    for market in world.markets.values():
        begin, end = market.life.sessions[0][0], min(market.life.sessions[-1][1], world.now_us)
        kind = market.event.grid if "grid" in wanted else market.flow.sides
        if kind in wanted.values() and market.flow.interval_us:
            usual = (end - begin) // market.flow.interval_us
            found.append((usual if usual < 4_000 else 0, market.ticker))
    return world.markets[max(found)[1]]


def played(market: Market, until_us: int) -> Simulation:
    simulation = Simulation(market)
    assert simulation.run(until_us)
    return simulation


def tape(simulation: Simulation) -> tuple[list[int], list[int], list[int], list[int]]:
    record = simulation.record
    return list(record.times), list(record.prices), list(record.volumes), list(record.quoted)


@pytest.fixture(scope="module")
def game(world: World) -> Market:
    """A game played to its end, traded every five minutes or more."""
    return next(
        m
        for m in world.markets.values()
        if m.event.milestone
        and m.event.end_us < world.now_us
        and m.flow.sides == "both"
        and 0 < m.flow.interval_us <= 300 * SECOND
        and 0.3 < m.flow.fair < 0.7
    )


@pytest.mark.parametrize("grid", list(Grid))
def test_every_state_of_a_market_is_legal(world: World, grid: Grid) -> None:
    market = busy(world, grid=grid)
    simulation = Simulation(market)
    crossed = changes = 0
    while not simulation.run(world.now_us, 1):
        book = simulation.book
        yes, no = book.levels(YES, 0), book.levels(NO, 0)
        if yes and no:
            crossed += yes[-1][0] + no[-1][0] >= DOLLAR
        for leg in (YES, NO):
            side = book.sides[leg]
            assert side.prices == sorted(side.totals) == sorted(side.queues)
            for price, count in side.totals.items():
                assert is_valid(grid, price)
                assert count == sum(order.count for order in side.queues[price])
                assert all(order.count > 0 for order in side.queues[price])
        changes += 1
    assert crossed == 0
    assert changes > 10
    record = simulation.record
    assert all(is_valid(grid, price) for price in record.prices)


@pytest.mark.parametrize("sides", ["both", "ask", "bid", "none"])
def test_books_have_the_sides_they_should(world: World, sides: str) -> None:
    record = played(busy(world, sides=sides), world.now_us).record
    assert any(bid > 0 for bid in record.bids) == (sides in ("both", "bid"))
    assert any(ask < DOLLAR for ask in record.asks) == (sides in ("both", "ask"))
    takers = set(record.takers)
    assert takers == {"both": {YES, NO}, "ask": {YES}, "bid": {NO}, "none": {YES, NO}}[sides]


def test_times_rise_and_volume_is_the_sum_of_the_trades(world: World, game: Market) -> None:
    record = played(game, world.now_us).record
    assert len(record.times) > 300
    for times in (record.times, record.quoted):
        assert all(earlier < later for earlier, later in pairwise(times))
    trades = [record.trade(game, number) for number in range(len(record.times))]
    assert all(trade.count > 0 for trade in trades)
    assert sum(trade.count for trade in trades) == record.volume(len(trades))
    sessions = game.life.sessions
    for trade in trades:
        assert any(begin <= trade.at_us <= end for begin, end in sessions)


def test_nobody_is_passed_over(world: World, game: Market) -> None:
    """After a trade no better offer is left for the taker."""
    simulation = Simulation(game)
    checked = seen = 0
    while not simulation.run(world.now_us, 1):
        record, book = simulation.record, simulation.book
        if len(record.times) == seen:
            continue
        seen = len(record.times)
        price, leg = record.prices[-1], record.takers[-1]
        left = book.levels(1 - leg, 1)
        if left:
            best = DOLLAR - left[0][0] if leg == YES else left[0][0]
            assert best >= price if leg == YES else best <= price
            checked += 1
    assert checked > 100


@pytest.mark.parametrize("step", [MINUTE * 7, HOUR * 5, DAY * 2], ids=["7min", "5h", "2d"])
def test_the_tape_does_not_depend_on_the_steps(world: World, game: Market, step: int) -> None:
    whole, stepped = played(game, world.now_us), Simulation(game)
    at_us = game.event.open_us - HOUR
    while at_us < world.now_us:
        stepped.run(at_us, 5)
        stepped.run(at_us)
        at_us += step
    stepped.run(world.now_us)
    assert tape(whole) == tape(stepped)
    assert whole.book.levels(YES, 0) == stepped.book.levels(YES, 0)


def test_another_key_is_another_path(world: World, game: Market) -> None:
    flow = replace(game.flow, key=game.flow.key + 1)
    other = Market(**{name: getattr(game, name) for name in game.__slots__} | {"flow": flow})
    assert tape(played(game, world.now_us)) != tape(played(other, world.now_us))


def test_arrivals_rise_and_thicken_in_play(game: Market) -> None:
    simulation = Simulation(game)
    found = list(arrivals(game, simulation._rng))
    assert [a.at_us for a in found] == sorted(a.at_us for a in found)
    assert found[0].kind is Kind.OPEN
    assert {found[-1].kind, found[-2].kind} == {Kind.PAUSE, Kind.CLOSE}
    event = game.event
    orders = [a.at_us for a in found if a.kind is Kind.ORDER]
    played_s = (event.end_us - event.start_us) / SECOND
    in_play = sum(is_in_play(game, at_us) for at_us in orders) / played_s
    hour_before = sum(event.start_us - HOUR <= at_us < event.start_us for at_us in orders) / 3_600
    assert in_play > 4 * hour_before


def test_fair_value_is_a_step_function_that_ends_at_the_result(game: Market) -> None:
    latent, event = Latent(game), game.event
    at_us, chances = event.open_us, []
    while at_us < event.end_us:
        chance, until = latent.at(at_us)
        assert until > at_us
        assert latent.at(until - 1)[0] == chance
        assert 0.0 < chance < 1.0
        chances.append(chance)
        at_us = until
    assert len(set(chances)) > 20
    assert abs(chances[-1] - game.result.value / DOLLAR) < 0.01


def test_siblings_believe_the_same_game(world: World) -> None:
    compared = 0
    for event in world.events.values():
        if event.milestone is None or not event.exclusive or len(event.markets) != 2:
            continue
        one, two = (Latent(market) for market in event.markets)
        if abs(event.markets[0].flow.fair + event.markets[1].flow.fair - 1.0) > 1e-6:
            continue
        for part in range(20):
            at_us = event.open_us + (event.end_us - event.open_us) * part // 20
            assert abs(one.at(at_us)[0] + two.at(at_us)[0] - 1.0) < 1e-6
        compared += 1
    assert compared > 5


def test_orders_from_outside_trade_with_the_makers(world: World, game: Market) -> None:
    moment = game.event.start_us - HOUR
    simulation = played(game, moment)
    before = simulation.record.volume(len(simulation.record.times))
    ask_size = simulation.book.levels(NO, 1)[0][1]
    order = Order(YES, (game.event.grid is Grid.LINEAR and 9_900) or 9_990, ask_size + 1, "user")
    fills = simulation.submit(moment, order)
    assert len({fill.price for fill in fills}) > 1, "it ate through the best price"
    assert sum(fill.count for fill in fills) == ask_size + 1
    assert simulation.record.volume(len(simulation.record.times)) == before + ask_size + 1
    assert simulation.record.last(len(simulation.record.times)) == fills[-1].price
    waiting = Order(YES, 100, 5, "user")
    assert simulation.submit(moment, waiting) == []
    assert simulation.book.levels(YES, 0)[0] == (100, 5)
    assert simulation.cancel(moment, waiting)
    assert simulation.book.levels(YES, 0)[0] != (100, 5)
    simulation.run(moment + DAY)
    assert simulation.record.times[-1] > moment


def test_orders_from_outside_that_are_refused(world: World, game: Market) -> None:
    simulation = played(game, game.event.start_us)
    with pytest.raises(ValueError, match="grid"):
        simulation.submit(game.event.start_us, Order(YES, 5_001, 10))
    with pytest.raises(ValueError, match="grid"):
        simulation.submit(game.event.start_us, Order(YES, DOLLAR, 10))
    early = Simulation(game)
    with pytest.raises(ValueError, match="does not trade"):
        early.submit(game.event.open_us - 1, Order(YES, 5_000, 10))


@pytest.mark.parametrize("size", [900, -900], ids=["up", "down"])
def test_a_shock_arrives_as_trades_over_minutes(world: World, game: Market, size: int) -> None:
    moment = game.event.start_us - 3 * HOUR
    plain, shocked = played(game, moment), played(game, moment)
    shocked.shock(moment, size, 2 * MINUTE)
    early = shocked.record.quote(moment + 1)
    assert early == plain.record.quote(moment + 1), "no price moves by itself"
    for simulation in (plain, shocked):
        simulation.run(moment + 10 * MINUTE)
    moved = mid(shocked, moment + 10 * MINUTE) - mid(plain, moment + 10 * MINUTE)
    assert 0.6 * abs(size) < moved * (1 if size > 0 else -1) < 1.4 * abs(size)
    quiet = plain.record.volume(plain.record.count(moment + 10 * MINUTE))
    assert shocked.record.volume(shocked.record.count(moment + 10 * MINUTE)) > quiet
    new = range(shocked.record.count(moment), len(shocked.record.times))
    bought = sum(
        shocked.record.trade(game, n).count * (1 if shocked.record.takers[n] == YES else -1)
        for n in new
    )
    assert bought * size > 0, "takers pushed it"


def mid(simulation: Simulation, at_us: int) -> float:
    quote = simulation.record.quote(at_us)
    assert quote.bid is not None
    assert quote.ask is not None
    return (quote.bid + quote.ask) / 2
