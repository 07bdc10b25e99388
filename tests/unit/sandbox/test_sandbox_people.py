"""Who has the app: the same people for the same world, with things that trade."""

from collections.abc import Callable
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from sandbox.people import BUSIEST, Crowd, CrowdPlan, Person
from sandbox.refusal import OptionError
from sandbox.world.pregame import has_both_sides, is_winner, pregame_winners, trades_now
from sandbox.world.prices import BookPrices
from sandbox.world.units import CENT, DAY, DOLLAR
from sandbox.world.world import World

MakeWorld = Callable[..., World]


def crowd_of(world: World, people: int = 25, holders_of: str | None = None) -> Crowd:
    prices, start_us = BookPrices(world), world.now_us
    plan = CrowdPlan(people, holders_of)
    return Crowd(world, plan, lambda market: prices.fair(market, start_us))


def everybody(crowd: Crowd) -> list[Person]:
    return [crowd.person(number) for number in range(len(crowd))]


@pytest.fixture
def everyday(make_world: MakeWorld) -> World:
    """A world of the default size."""
    return make_world(40)


def test_the_same_seed_and_world_have_the_same_people(make_world: MakeWorld) -> None:
    first, again = (everybody(crowd_of(make_world(40))) for _ in range(2))
    assert first == again
    other = everybody(crowd_of(make_world(40, seed=8)))
    assert {person.id for person in first}.isdisjoint(person.id for person in other)


def test_more_people_are_the_same_people_and_others(everyday: World) -> None:
    few, many = crowd_of(everyday, 25), crowd_of(everyday, 500)
    assert list(islice(everybody(many), 25)) == everybody(few)


def test_ids_zones_and_devices_are_real(everyday: World) -> None:
    people = everybody(crowd_of(everyday, 200))
    assert len({UUID(person.id) for person in people}) == 200
    zones = {person.timezone for person in people}
    assert len(zones) >= 5
    assert all(ZoneInfo(zone) for zone in zones)
    devices = [device for person in people for device in person.devices]
    assert len({device.address for device in devices}) == len(devices)
    kinds = [device.kind for device in devices]
    assert set(kinds) == {"fcm_token", "fcm_fid", "apns"}
    assert kinds.count("fcm_token") > 0.6 * len(kinds)
    assert any(not person.devices for person in people)
    assert 0 < sum(bool(person.preferences) for person in people) < 100


def test_people_hold_what_trades_before_a_game(everyday: World) -> None:
    held = [p for person in everybody(crowd_of(everyday)) for p in person.positions]
    assert held
    for position in held:
        market = everyday.markets[position.ticker]
        assert trades_now(everyday, market)
        assert has_both_sides(market)
        assert market.event.milestone is not None
        assert market.event.start_us > everyday.now_us
        assert position.side in ("yes", "no")
        assert CENT <= position.price <= DOLLAR - CENT
        assert position.count >= 500
    winners = [p for p in held if is_winner(everyday.markets[p.ticker].event)]
    assert len(winners) > 0.6 * len(held)


def test_people_differ_in_how_they_hold(everyday: World) -> None:
    people = everybody(crowd_of(everyday))
    markets = everyday.markets

    def winners(person: Person) -> list[str]:
        held = [markets[position.ticker].event for position in person.positions]
        return [event.ticker for event in held if is_winner(event)]

    both = [p for p in people if len(winners(p)) > len(set(winners(p)))]
    games = [
        p
        for p in people
        if any(not is_winner(markets[position.ticker].event) for position in p.positions)
    ]
    followers = [p for p in people if p.follows and not p.positions]
    assert both, "somebody holds both teams"
    assert games, "somebody holds several markets of one game"
    assert followers, "somebody only follows"
    assert len([p for p in people if p.positions]) > 0.6 * len(people)
    follows = [follow for person in everybody(crowd_of(everyday, 300)) for follow in person.follows]
    assert {follow.kind for follow in follows} == {"market", "event", "series"}
    known = {*everyday.markets, *everyday.events, *everyday.series}
    for follow in follows:
        assert follow.ext_id in known
        assert follow.push or follow.kind != "market"


def test_the_average_price_is_near_what_the_side_is_worth(everyday: World) -> None:
    prices = BookPrices(everyday)
    for person in everybody(crowd_of(everyday, 100)):
        for position in person.positions:
            value = prices.fair(everyday.markets[position.ticker], everyday.now_us)
            worth = value if position.side == "yes" else 1 - value
            assert abs(position.price / DOLLAR - worth) < 0.07


def test_every_market_that_can_be_held_is_known_by_somebody(everyday: World) -> None:
    crowd = crowd_of(everyday)
    held = {market.ticker for market in crowd.held}
    markets = pregame_winners(everyday)
    assert len(markets) > 5
    assert markets[0].ticker in held
    assert len(held) > len(markets) / 2


@pytest.mark.parametrize("named", [True, False], ids=["ticker", "busiest"])
def test_everybody_can_hold_one_market(everyday: World, named: bool) -> None:
    busiest = pregame_winners(everyday)[0].ticker
    chosen = pregame_winners(everyday)[3].ticker if named else BUSIEST
    crowd = crowd_of(everyday, 300, chosen)
    expected = chosen if named else busiest
    for person in everybody(crowd):
        assert [position.ticker for position in person.positions].count(expected) == 1
    assert crowd.held[0].ticker == expected


def test_a_market_that_does_not_trade_cannot_be_held(everyday: World) -> None:
    closed = next(m for m in everyday.markets.values() if not trades_now(everyday, m))
    for ticker in ("KXNONE", closed.ticker):
        with pytest.raises(OptionError, match=ticker):
            crowd_of(everyday, 10, ticker)


def test_what_has_closed_is_not_told_any_more(everyday: World) -> None:
    crowd = crowd_of(everyday)
    before = [crowd.today(person) for person in everybody(crowd)]
    assert before == everybody(crowd)
    everyday.advance(everyday.now_us + 12 * DAY)
    for person in everybody(crowd):
        today = crowd.today(person)
        assert today.positions == ()
        assert all(follow.kind == "series" for follow in today.follows)
        assert today.devices == person.devices


def test_a_world_without_markets_has_people_without_positions(make_world: MakeWorld) -> None:
    people = everybody(crowd_of(make_world(0)))
    assert len(people) == 25
    assert not any(person.positions or person.follows for person in people)
