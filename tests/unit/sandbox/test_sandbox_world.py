"""The world: size, determinism, what it contains, and how it moves."""

from collections import Counter
from itertools import pairwise

import pytest

from sandbox.world.catalogue.ladders import code_of
from sandbox.world.life import LEGAL
from sandbox.world.model import Event, Grid, Market, State, Status
from sandbox.world.units import DAY, HOUR
from sandbox.world.world import World
from tests.unit.sandbox.conftest import MakeWorld


def shape(event: Event) -> object:
    markets = [
        (market.ticker, market.name, market.flow, market.result, market.life.times)
        for market in event.markets
    ]
    return event.ticker, event.title, event.created_us, event.life, markets


def live(world: World) -> list[tuple[Market, State]]:
    found = []
    for market in world.markets.values():
        state = world.state(market)
        if state is not None and world.is_live(state):
            found.append((market, state))
    return found


@pytest.mark.parametrize("events", [10, 40, 200, 1_000])
def test_size_is_about_what_was_asked_for(make_world: MakeWorld, events: int) -> None:
    world = make_world(events)
    shown = {market.event.ticker for market, _ in live(world) if market.event.collection is None}
    assert 0.75 * events - 2 <= len(shown) <= 1.25 * events + 3


def test_same_seed_and_time_give_the_same_world(make_world: MakeWorld) -> None:
    one, two = make_world(80), make_world(80)
    assert [shape(e) for e in one.listing()] == [shape(e) for e in two.listing()]


def test_another_seed_gives_another_world(make_world: MakeWorld) -> None:
    one, two = make_world(80), make_world(80, seed=8)
    assert set(one.markets) != set(two.markets)


@pytest.mark.parametrize("hours", [1, 30, 200])
def test_a_moved_world_equals_one_started_later(
    make_world: MakeWorld, noon_us: int, hours: int
) -> None:
    moved = make_world(80)
    for hour in range(0, hours + 1, max(hours // 7, 1)):
        moved.advance(noon_us + hour * HOUR)
    moved.advance(noon_us + hours * HOUR)
    fresh = make_world(80, now_us=noon_us + hours * HOUR)
    assert [shape(e) for e in moved.listing()] == [shape(e) for e in fresh.listing()]
    assert set(moved.markets) == set(fresh.markets)


def test_going_back_in_time_rebuilds(make_world: MakeWorld, noon_us: int) -> None:
    world = make_world(80)
    before = [shape(e) for e in world.listing()]
    world.advance(noon_us + 5 * DAY)
    world.advance(noon_us)
    assert [shape(e) for e in world.listing()] == before


def test_tickers_are_unique_and_listing_is_newest_first(world: World) -> None:
    tickers = [market.ticker for event in world.events.values() for market in event.markets]
    assert len(tickers) == len(set(tickers)) == len(world.markets)
    created = [event.created_us for event in world.listing()]
    assert created == sorted(created, reverse=True)


def test_listing_resumes_behind_a_place_that_is_gone(world: World) -> None:
    events = list(world.listing())
    place = (events[10].created_us, events[10].ticker + "-gone")
    assert next(iter(world.listing(place))) is events[10]
    exact = (events[10].created_us, events[10].ticker)
    assert next(iter(world.listing(exact))) is events[10]


def test_every_kind_of_event_is_there(world: World) -> None:
    categories = {event.series.category for event in world.events.values()}
    assert {"Sports", "Climate and Weather", "Economics", "Crypto", "Politics"} <= categories
    series = set(world.series)
    assert {"KXNBAGAME", "KXNBASPREAD", "KXNBATOTAL", "KXNBA", "KXFEDDECISION"} <= series
    assert any(event.collection for event in world.events.values())
    grids = {event.grid for event in world.events.values()}
    assert grids == set(Grid)
    strikes = {market.strike.kind for market in world.markets.values()}
    assert {"structured", "greater", "between", "less", "custom"} <= strikes


def test_strikes_close_together_have_tickers_of_their_own() -> None:
    codes = {code_of(value) for value in (0.156, 0.158, 0.16, 1.158, 1.16, 95249.99, 48.0)}
    assert codes == {"0.156", "0.158", "0.16", "1.158", "1.16", "95249.99", "48"}


def test_game_tickers_look_like_the_exchange_s(world: World) -> None:
    event = next(e for e in world.events.values() if e.series.ticker == "KXNBAGAME")
    series, game = event.ticker.split("-")
    away, home = event.sub_title.split(" (")[0].split(" vs ")
    assert series == "KXNBAGAME"
    assert game[:2] == "26"
    assert game.endswith(away + home)
    assert [market.ticker for market in event.markets] == [
        f"{event.ticker}-{away}",
        f"{event.ticker}-{home}",
    ]


def test_exclusive_events_have_one_winner_and_a_full_probability(world: World) -> None:
    checked = 0
    for event in world.events.values():
        if event.exclusive:
            values = [market.result.value for market in event.markets]
            assert sum(values) == 10_000, event.ticker
            assert sum(market.amended.value for market in event.markets) == 10_000
            total = sum(market.flow.fair for market in event.markets)
            assert total == pytest.approx(1.0, abs=0.15), event.ticker
            checked += 1
    assert checked > 50


def test_markets_of_one_game_agree_about_its_end(world: World) -> None:
    games: dict[str, dict[str, Event]] = {}
    for event in world.events.values():
        if event.milestone:
            games.setdefault(event.milestone.id, {})[event.series.scope or ""] = event
    checked = 0
    for kinds in games.values():
        if {"Game", "Spread"} <= set(kinds):
            winner = next((m for m in kinds["Game"].markets if m.result.word == "yes"), None)
            covered = [m for m in kinds["Spread"].markets if m.result.word == "yes"]
            for market in covered:
                assert winner is not None
                assert winner.name in market.name
            checked += 1
    assert checked > 5


def test_ladders_fall_with_the_strike(world: World) -> None:
    ladders = [e for e in world.events.values() if (e.series.scope or "").endswith("Total")]
    assert ladders
    for event in ladders:
        rungs = sorted(event.markets, key=lambda market: market.strike.floor or 0)
        fairs = [market.flow.fair for market in rungs]
        assert fairs == sorted(fairs, reverse=True)
        results = [market.result.value for market in rungs]
        assert results == sorted(results, reverse=True)


def test_thirty_days_bring_everything_that_can_happen(make_world: MakeWorld, noon_us: int) -> None:
    world = make_world(100)
    start = set(world.markets)
    seen: Counter[tuple[Status, Status]] = Counter()
    removed, known = set(), set(start)
    for day in range(31):
        world.advance(noon_us + day * DAY)
        for market in world.markets.values():
            if market.ticker not in known:
                known.add(market.ticker)
                states = [state.status for state in market.life.states]
                seen.update(pairwise(states))
            if market.removed_us is not None and market.removed_us <= world.now_us:
                assert world.state(market) is None
                removed.add(market.ticker)
    assert len(known) > 2 * len(start)
    assert {(a, b) for a, b in seen if b not in LEGAL[a]} == set()
    assert set(seen) == {(a, b) for a, legal in LEGAL.items() for b in legal}
    assert removed


def test_what_is_seen_hour_by_hour_never_steps_back(make_world: MakeWorld, noon_us: int) -> None:
    world = make_world(60)
    last: dict[str, Status] = {}
    changes = 0
    for hour in range(72):
        world.advance(noon_us + hour * HOUR)
        now = {market.ticker: state.status for market, state in live(world)}
        for ticker in last.keys() & now.keys():
            if last[ticker] is not now[ticker]:
                assert now[ticker] in _reachable(last[ticker]), ticker
                changes += 1
        last = now
    assert changes > 50


def _reachable(status: Status) -> set[Status]:
    reached: set[Status] = set()
    edge = {status}
    while edge:
        edge = {step for before in edge for step in LEGAL[before]} - reached
        reached |= edge
    return reached


def test_every_life_of_the_world_is_legal(world: World) -> None:
    for market in world.markets.values():
        life = market.life
        assert list(life.times) == sorted(set(life.times)), market.ticker
        for before, after in zip(life.states, life.states[1:], strict=False):
            assert after.status in LEGAL[before.status], market.ticker
