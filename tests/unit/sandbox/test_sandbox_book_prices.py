"""What the wire sees of the books: candles, yesterday, going back, following, shocks."""

from collections.abc import Callable
from time import process_time

import pytest

from sandbox.world.model import Market, Status
from sandbox.world.prices import BookPrices, Change
from sandbox.world.prices.arrivals import Pace
from sandbox.world.prices.matching import YES, Order
from sandbox.world.prices.tape import Trade
from sandbox.world.units import CENT, DAY, DOLLAR, HOUR, MINUTE, SECOND
from sandbox.world.world import World

MakeWorld = Callable[..., World]


def live_markets(world: World) -> list[Market]:
    found = []
    for market in world.markets.values():
        state = world.state(market)
        if state is not None and state.status is Status.ACTIVE and market.flow.interval_us:
            found.append(market)
    return found


def busiest(world: World) -> Market:
    """Return a trading market with quotes on both sides that trades often."""
    markets = [m for m in live_markets(world) if m.flow.sides == "both"]
    old = [m for m in markets if m.event.open_us < world.now_us - 2 * DAY]
    return min(old, key=lambda market: (market.flow.interval_us, market.ticker))


@pytest.fixture
def small(make_world: MakeWorld) -> World:
    """A world of its own, small enough to follow whole."""
    return make_world(10)


def warm(prices: BookPrices, at_us: int) -> None:
    """Play all histories."""
    prices.follow(at_us)
    while not prices.is_warm:
        assert prices.follow(at_us) == []


@pytest.mark.parametrize("period", [MINUTE, HOUR, DAY], ids=["1m", "1h", "1d"])
def test_candles_fold_trades_and_quotes(world: World, period: int) -> None:
    prices, market = BookPrices(world), busiest(world)
    end = world.now_us // period * period
    start = end - (2 * HOUR if period == MINUTE else 2 * DAY if period == HOUR else 6 * DAY)
    found = {candle.end_us: candle for candle in prices.candles(market, start, end, period)}
    assert found
    total = prices.count(market, world.now_us)
    tape = [prices.trade(market, number) for number in range(total)]
    for until in range(start, end + 1, period):
        inside = [trade for trade in tape if until - period < trade.at_us <= until]
        candle = found.get(until)
        if candle is None:
            assert inside == []
            ends = [prices.snapshot(market, at).quote for at in (until - period, until)]
            assert ends[0] == ends[1]
            continue
        dealt = [trade.price for trade in inside]
        bar = (dealt[0], max(dealt), min(dealt), dealt[-1]) if dealt else None
        assert candle.price == bar
        assert candle.volume == sum(trade.count for trade in inside)
        begin, finish = (prices.snapshot(market, at) for at in (until - period, until))
        assert candle.previous == begin.last
        assert (candle.bid[0], candle.bid[3]) == (begin.quote.bid or 0, finish.quote.bid or 0)
        asks = [DOLLAR if q.ask is None else q.ask for q in (begin.quote, finish.quote)]
        assert [candle.ask[0], candle.ask[3]] == asks
        for high_first in (candle.bid, candle.ask):
            assert high_first[2] <= min(high_first[0], high_first[3])
            assert high_first[1] >= max(high_first[0], high_first[3])
        if candle.mean is not None:
            assert min(dealt) <= candle.mean <= max(dealt)


def test_seven_days_of_history_exist_at_the_start(world: World) -> None:
    old = [m for m in live_markets(world) if m.event.open_us < world.now_us - 8 * DAY]
    old = sorted(
        (market for market in old if market.flow.sides == "both"),
        key=lambda market: market.flow.interval_us,
    )[:5]
    assert old
    prices = BookPrices(world)
    for market in old:
        week = list(prices.candles(market, world.now_us - 7 * DAY, world.now_us, DAY))
        assert len(week) == 7
        assert all(candle.volume for candle in week)


def test_every_quantity_of_a_day_ago_is_what_was_seen_then(world: World) -> None:
    market = busiest(world)
    then = BookPrices(world).snapshot(market, world.now_us - DAY)
    now = BookPrices(world).snapshot(market, world.now_us)
    assert now.previous == then.quote
    assert now.previous_last == then.last
    assert now.volume_24h == now.volume - then.volume


def test_going_back_shows_the_same_book(world: World) -> None:
    market, now = busiest(world), world.now_us
    prices = BookPrices(world)
    early = prices.book(market, now - DAY, 0)
    late = prices.book(market, now, 0)
    assert early != late
    assert prices.book(market, now - DAY, 0) == early
    assert prices.book(market, now, 0) == late
    assert prices.last_before(market, now - DAY) == prices.snapshot(market, now - DAY).last


def test_a_restart_shows_the_same_markets(world: World) -> None:
    one, two = BookPrices(world), BookPrices(world)
    for market in live_markets(world)[:40]:
        one.snapshot(market, world.now_us - 5 * HOUR)
        assert one.book(market, world.now_us, 0) == two.book(market, world.now_us, 0)
        trades = one.count(market, world.now_us)
        assert trades == two.count(market, world.now_us)
        if trades:
            assert one.trade(market, trades - 1) == two.trade(market, trades - 1)
            assert one.trade_us(market, trades - 1) <= world.now_us


def followed(make_world: MakeWorld, step_us: int, span_us: int) -> list[Change]:
    """Follow a world in steps; return all changes."""
    world = make_world(10)
    begin = world.now_us
    prices = BookPrices(world, Pace(100, begin))
    warm(prices, begin)
    changes: list[Change] = []
    at_us = begin
    while at_us < begin + span_us:
        at_us += step_us
        world.advance(at_us)
        found = prices.follow(at_us)
        times = [change.at_us for change in found]
        assert times == sorted(times)
        assert all(at_us - step_us < change.at_us <= at_us for change in found)
        changes += found
    return changes


def tapes(changes: list[Change]) -> dict[str, list[tuple[int, int, int, int]]]:
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    for change in changes:
        rows = found.setdefault(change.market.ticker, [])
        rows += [(trade.number, trade.at_us, trade.price, trade.count) for trade in change.trades]
    return {ticker: rows for ticker, rows in found.items() if rows}


def test_following_in_small_and_large_steps_tells_the_same(make_world: MakeWorld) -> None:
    span = 10 * MINUTE
    fine, coarse = (followed(make_world, step, span) for step in (100_000, 10 * SECOND))
    assert tapes(fine) == tapes(coarse)
    assert sum(len(rows) for rows in tapes(fine).values()) > 20
    assert {c.market.ticker for c in fine} == {c.market.ticker for c in coarse}


def test_what_is_followed_is_what_the_tape_says(small: World) -> None:
    begin = small.now_us
    prices = BookPrices(small, Pace(20, begin))
    assert prices.follow(begin) == ()
    told: dict[str, list[Trade]] = {}
    at_us = begin
    while not prices.is_warm or at_us < begin + HOUR:
        at_us += 10 * SECOND
        small.advance(at_us)
        for change in prices.follow(at_us):
            told.setdefault(change.market.ticker, []).extend(change.trades)
    for ticker, market in small.markets.items():
        numbers = range(prices.count(market, begin), prices.count(market, at_us))
        assert told.get(ticker, []) == [prices.trade(market, number) for number in numbers]


def test_every_change_of_a_book_is_told(small: World) -> None:
    prices, now = BookPrices(small), small.now_us
    market = busiest(small)
    warm(prices, now)
    book = prices.book(market, now, 0)
    told = silent = 0
    for step in range(1, 400):
        small.advance(now + step * 10 * SECOND)
        changes = prices.follow(small.now_us)
        newer = prices.book(market, small.now_us, 0)
        named = any(change.market is market for change in changes)
        assert named or newer == book
        told, silent = told + named, silent + (not named)
        book = newer
    assert told > 5
    assert silent > 5


def test_asking_ahead_does_not_hide_what_comes(small: World) -> None:
    """Another reader that is further on takes nothing away from the one that follows."""
    now = small.now_us
    prices, plain = (BookPrices(small, Pace(10, now)) for _ in range(2))
    for source in (prices, plain):
        warm(source, now)
    for market in small.markets.values():
        prices.count(market, now + HOUR)
    seen: list[list[Change]] = [[], []]
    for step in range(1, 61):
        for changes, source in zip(seen, (prices, plain), strict=True):
            changes += source.follow(now + step * MINUTE)
    assert tapes(seen[0]) == tapes(seen[1]) != {}


def test_time_set_back_begins_anew(small: World) -> None:
    prices, now = BookPrices(small), small.now_us
    warm(prices, now)
    small.advance(now + HOUR)
    first = prices.follow(now + HOUR)
    small.advance(now)
    assert prices.follow(now) == ()
    warm(prices, now)
    small.advance(now + HOUR)
    assert tapes(list(prices.follow(now + HOUR))) == tapes(list(first))


def test_new_markets_are_followed_and_forgotten_ones_dropped(small: World) -> None:
    prices, now = BookPrices(small), small.now_us
    warm(prices, now)
    before = set(small.markets)
    fresh: set[str] = set()
    for hours in range(1, 6 * 24, 2):
        small.advance(now + hours * HOUR)
        changes = prices.follow(small.now_us)
        fresh |= {change.market.ticker for change in changes} - before
        assert all(change.market.ticker in small.markets for change in changes)
    assert fresh
    assert before - set(small.markets)
    assert len(prices._running) <= len(small.markets) + len(before)


def test_orders_from_outside_are_told_at_once(small: World) -> None:
    prices, now = BookPrices(small), small.now_us
    market = busiest(small)
    warm(prices, now)
    quote = prices.snapshot(market, now).quote
    assert quote.ask is not None
    order = Order(YES, quote.ask, 7, "user")
    fills = prices.submit(market, order)
    assert [(fill.price, fill.count) for fill in fills] == [(quote.ask, 7)]
    changes = [c for c in prices.follow(now + 1) if c.market is market]
    assert [(trade.price, trade.count, trade.taker_yes) for trade in changes[0].trades] == [
        (quote.ask, 7, True)
    ]
    waiting = Order(YES, CENT, 3, "user")
    assert prices.submit(market, waiting) == []
    assert prices.cancel(market, waiting)
    assert not prices.cancel(market, waiting)


def test_a_shock_is_remembered_when_time_goes_back(small: World) -> None:
    prices, now, market = BookPrices(small), small.now_us, busiest(small)
    plain = BookPrices(small)
    prices.shock(market, now + MINUTE, -1_500, MINUTE)
    later = now + 20 * MINUTE
    shocked, calm = prices.book(market, later, 0), plain.book(market, later, 0)
    assert shocked.yes[-1][0] < calm.yes[-1][0]
    assert prices.book(market, now, 0) == plain.book(market, now, 0)
    assert prices.book(market, later, 0) == shocked


def test_a_pace_makes_markets_busier_from_then_on(small: World) -> None:
    now, market = small.now_us, busiest(small)
    usual, hurried = BookPrices(small), BookPrices(small, Pace(30, now))
    assert usual.book(market, now - HOUR, 0) == hurried.book(market, now - HOUR, 0)
    traded = [p.count(market, now + HOUR) - p.count(market, now) for p in (usual, hurried)]
    assert traded[1] > 10 * max(traded[0], 1)


def test_speed_of_following_is_shown(make_world: MakeWorld) -> None:
    world = make_world(10)
    now = world.now_us
    prices = BookPrices(world, Pace(100, now))
    begun = process_time()
    warm(prices, now)
    warmed = process_time() - begun
    begun, changes = process_time(), 0
    for step in range(1, 601):
        world.advance(now + step * 100_000)
        changes += len(prices.follow(world.now_us))
    spent = process_time() - begun
    text = (
        f"{len(world.markets)} markets warm in {warmed:.2f} s; a minute followed in steps of "
        f"100 ms: {changes} changes, {spent * 1e3:.0f} ms, {spent / 600 * 1e6:.0f} us a step"
    )
    print(text)  # noqa: T201
    assert changes > 0
