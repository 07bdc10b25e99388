"""What shocks do to books: private ones last and trade, noise goes back, siblings agree."""

from collections.abc import Callable

import pytest

from sandbox.shocks import Kind, Shock, Stage
from sandbox.world.model import Market
from sandbox.world.pregame import has_both_sides, is_open, pregame_winners
from sandbox.world.prices import BookPrices
from sandbox.world.prices.arrivals import Pace
from sandbox.world.prices.disturbance import Disturbance, Form
from sandbox.world.prices.record import Record
from sandbox.world.ripples import ripples
from sandbox.world.units import CENT, CONTRACT, DOLLAR, HOUR, MINUTE, SECOND
from sandbox.world.world import World

MakeWorld = Callable[..., World]

AFTER = 20 * SECOND  # the shock begins so long after the world


@pytest.fixture
def small(make_world: MakeWorld) -> World:
    """A world of its own with some games to come."""
    return make_world(40)


def middling(world: World, prices: BookPrices) -> list[Market]:
    """Return a market on the winner of each game whose price has room both ways."""
    found = {
        market.event.ticker: market
        for market in pregame_winners(world)
        if 0.2 < prices.fair(market, world.now_us) < 0.8
        and is_open(market, world.now_us, world.now_us + HOUR)
        and market.event.start_us > world.now_us + HOUR
    }
    return list(found.values())


def record_of(prices: BookPrices, market: Market, until_us: int) -> Record:
    prices.count(market, until_us)
    return prices._running[market.ticker].record


def mid(record: Record, at_us: int) -> float:
    quote = record.quote(at_us)
    assert quote.bid is not None
    assert quote.ask is not None
    return (quote.bid + quote.ask) / 2


def sold(record: Record, begin_us: int, end_us: int) -> int:
    """Return how many contracts were dealt between two times."""
    counts = [record.volume(record.count(at_us)) for at_us in (begin_us, end_us)]
    return (counts[1] - counts[0]) // CONTRACT


@pytest.mark.parametrize("pace", [1.0, 20.0], ids=["usual-pace", "pace-20"])
@pytest.mark.parametrize("size", [1_200, -1_200], ids=["up", "down"])
def test_private_news_moves_prices_for_good_and_by_trades(
    small: World, pace: float, size: int
) -> None:
    prices = BookPrices(small, Pace(pace, small.now_us // HOUR * HOUR))
    markets, begin = middling(small, prices)[:5], small.now_us + AFTER
    assert len(markets) == 5
    sign = 1 if size > 0 else -1
    for market in markets:
        stage = Stage(prices)
        assert stage.play_private(market, begin, size, 15 * SECOND) is not None
        record = record_of(prices, market, begin + 15 * MINUTE)
        before = mid(record, begin)
        assert (mid(record, begin + MINUTE) - before) * sign >= 900, "nearly all within a minute"
        assert (mid(record, begin + 10 * MINUTE) - before) * sign >= 0.7 * abs(size)
        prints = range(record.count(begin), record.count(begin + MINUTE))
        assert len(prints) >= 6
        assert len({record.times[number] // SECOND for number in prints}) >= 6
        assert sold(record, begin, begin + MINUTE) >= 300


@pytest.mark.parametrize("pace", [1.0, 20.0], ids=["usual-pace", "pace-20"])
def test_private_news_brings_about_ten_times_the_volume_or_more(small: World, pace: float) -> None:
    prices = BookPrices(small, Pace(pace, small.now_us // HOUR * HOUR))
    begin = small.now_us + 10 * MINUTE
    for market in middling(small, prices)[:5]:
        prices.shock(market, begin, 1_200, 30 * SECOND)
        record = record_of(prices, market, begin + MINUTE)
        usual = sold(record, begin - 10 * MINUTE, begin) / 10
        assert sold(record, begin, begin + MINUTE) > 5 * usual


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("size", [800, -800], ids=["up", "down"])
def test_noise_goes_back(small: World, form: Form, size: int) -> None:
    prices, begin = BookPrices(small), small.now_us + AFTER
    plain = BookPrices(small)
    sign = 1 if size > 0 else -1
    for market in middling(small, prices)[:6]:
        Stage(prices).play_noise(market, Disturbance(begin, size, 10 * SECOND, form))
        record = record_of(prices, market, begin + 5 * MINUTE)
        calm = record_of(plain, market, begin + 5 * MINUTE)
        before, stands = mid(record, begin - 1_000), begin + 5 * SECOND
        moved = (mid(record, stands) - before) * sign
        assert moved >= 200, "the quotes move"
        back = abs(mid(record, begin + 5 * MINUTE) - mid(calm, begin + 5 * MINUTE))
        assert back <= max(0.3 * moved, 1.5 * CENT), "makers are content a cent off"
        prints = record.count(stands) - record.count(begin - 1_000)
        if form is Form.BLINK:
            assert prints == 0, "nobody trades"
            assert moved == pytest.approx(abs(size), abs=CENT)
            continue
        last = record.last(record.count(stands))
        assert prints >= 2
        assert last is not None
        assert (last - before) * sign >= 0.5 * abs(size)
        final = record.last(record.count(begin + 5 * MINUTE))
        assert final is not None
        assert abs(final - before) <= 0.3 * abs(last - before) + CENT


def test_noise_does_not_touch_what_the_market_is_worth(small: World) -> None:
    prices = BookPrices(small)
    market = middling(small, prices)[0]
    later = small.now_us + 10 * MINUTE
    before = prices.fair(market, later)
    shock = Stage(prices).play_noise(market, Disturbance(small.now_us, 900, 5 * SECOND, Form.SWEEP))
    assert prices.fair(market, later) == before
    assert shock.markets == (market,)
    assert shock.sizes == (0.0,)


def test_a_book_that_was_swept_keeps_both_sides(small: World) -> None:
    prices, begin = BookPrices(small), small.now_us + AFTER
    for market in middling(small, prices)[:6]:
        Stage(prices).play_noise(market, Disturbance(begin, 5_000, SECOND, Form.SWEEP))
        quote = record_of(prices, market, begin).quote(begin)
        assert quote.bid is not None
        assert quote.ask is not None


@pytest.mark.parametrize("size", [1_000, -1_000], ids=["up", "down"])
def test_the_winners_of_a_game_move_against_each_other(small: World, size: int) -> None:
    prices, begin = BookPrices(small), small.now_us + AFTER
    shock = None
    market = next(m for m in middling(small, prices) if len(m.event.markets) == 2)
    shock = Stage(prices).play_private(market, begin, size, 15 * SECOND)
    assert shock is not None
    assert [m.ticker for m in shock.markets] == sorted(
        (m.ticker for m in market.event.markets), key=lambda ticker: ticker != market.ticker
    )
    other = next(m for m in shock.markets if m is not market)
    moves = {}
    for one in (market, other):
        record = record_of(prices, one, begin + 5 * MINUTE)
        moves[one.ticker] = mid(record, begin + 5 * MINUTE) - mid(record, begin)
        assert record.count(begin + MINUTE) > record.count(begin), "both trade"
    assert moves[market.ticker] * size > 0
    assert moves[other.ticker] * size < 0
    assert abs(moves[market.ticker] + moves[other.ticker]) <= 4 * CENT


def test_what_one_outcome_wins_the_others_lose_together(make_world: MakeWorld) -> None:
    world = make_world(300)
    prices = BookPrices(world)

    def fair(market: Market) -> float:
        return prices.fair(market, world.now_us)

    events = [
        event
        for event in world.events.values()
        if event.exclusive
        and len(event.markets) > 2
        and all(is_open(market, world.now_us, world.now_us) for market in event.markets)
    ]
    assert events
    for event in events:
        total = sum(fair(market) for market in event.markets)
        market = min(event.markets, key=lambda market: abs(fair(market) - 0.4))
        if not 0.9 < total < 1.1 or not 0.05 < fair(market) < 0.8:
            continue
        found = ripples(market, world.now_us, 500, fair)
        assert found[0] == (market, 500)
        assert all(ripple.size < 0 for ripple in found[1:])
        rest = 1.0 - fair(market)
        expected = -0.05 * (total - fair(market)) / rest
        lost = sum(ripple.size for ripple in found[1:]) / DOLLAR
        assert lost == pytest.approx(expected, abs=0.0001 * len(event.markets))


def test_rungs_of_a_ladder_move_together(make_world: MakeWorld) -> None:
    world = make_world(300)
    prices = BookPrices(world)
    market = next(
        market
        for market in world.markets.values()
        if market.event.milestone is not None
        and not market.event.exclusive
        and "SPREAD" in market.ticker
        and is_open(market, world.now_us, world.now_us)
        and has_both_sides(market)
        and 0.2 < prices.fair(market, world.now_us) < 0.8
    )
    found = ripples(market, world.now_us, 900, lambda m: prices.fair(m, world.now_us))
    assert len(found) > 2
    for ripple in found:
        assert ripple.size * market.flow.sign * ripple.market.flow.sign > 0


def test_a_value_at_its_end_cannot_go_on(make_world: MakeWorld) -> None:
    world = make_world(40)
    market = pregame_winners(world)[0]
    assert ripples(market, world.now_us, 500, lambda _: 0.995) == []
    down = ripples(market, world.now_us, -500, lambda m: 0.995 if m is market else 0.005)
    assert down[0] == (market, -500)
    assert ripples(market, world.now_us, 5_000, lambda _: 0.9)[0].size == 900


def played(world: World, shock: Callable[[Stage, Market], Shock | None]) -> list[object]:
    """Return what a market shows after a shock that was played before it was looked at."""
    prices = BookPrices(world)
    market = middling(world, prices)[0]
    told = shock(Stage(prices), market)
    assert told is not None
    record = record_of(prices, market, world.now_us + 10 * MINUTE)
    return [told.id, list(record.times), list(record.prices), list(record.bids), list(record.asks)]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_same_shock_in_the_same_world_is_the_same_path(small: World, kind: Kind) -> None:
    begin = small.now_us + AFTER

    def shock(stage: Stage, market: Market) -> Shock | None:
        if kind is Kind.PRIVATE:
            return stage.play_private(market, begin, 1_000, 15 * SECOND)
        return stage.play_noise(market, Disturbance(begin, 900, 5 * SECOND, Form.SWEEP))

    def late(stage: Stage, market: Market) -> Shock | None:
        stage._prices.count(market, small.now_us)  # somebody looked before
        return shock(stage, market)

    first = played(small, shock)
    assert played(small, shock) == first
    assert played(small, late) == first


@pytest.mark.parametrize("form", list(Form))
def test_noise_is_remembered_when_time_goes_back(small: World, form: Form) -> None:
    prices, begin = BookPrices(small), small.now_us + AFTER
    market = middling(small, prices)[0]
    calm = prices.book(market, begin + 2 * SECOND, 0)
    prices.disturb(market, Disturbance(begin, 900, 10 * SECOND, form))
    stirred = prices.book(market, begin + 2 * SECOND, 0)
    assert stirred != calm
    assert prices.book(market, small.now_us, 0) == BookPrices(small).book(market, small.now_us, 0)
    assert prices.book(market, begin + 2 * SECOND, 0) == stirred
