"""What is planned happens, and the truth tells everything once."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from sandbox.people import USUAL_CROWD, Crowd
from sandbox.shocks import NO_SCHEDULE, Chooser, Kind, Schedule, Stage, play_schedule
from sandbox.shocks.shock import dollars
from sandbox.shocks.truth import Truth
from sandbox.world.model import Market
from sandbox.world.pregame import has_both_sides, is_winner, pregame_winners
from sandbox.world.prices import BookPrices
from sandbox.world.prices.disturbance import Disturbance, Form
from sandbox.world.prices.latent import Latent
from sandbox.world.units import DAY, DOLLAR, HOUR, MINUTE, SECOND
from sandbox.world.world import World

MakeWorld = Callable[..., World]


@pytest.fixture
def everyday(make_world: MakeWorld) -> World:
    """A world of the default size."""
    return make_world(40)


def chooser_of(world: World) -> Chooser:
    prices, start_us = BookPrices(world), world.now_us
    crowd = Crowd(world, USUAL_CROWD, lambda market: prices.fair(market, start_us))
    return Chooser(Stage(prices), crowd.held, lambda: pregame_winners(world))


def planned(world: World, schedule: Schedule) -> Stage:
    chooser = chooser_of(world)
    play_schedule(schedule, chooser, world.seed, world.now_us)
    return chooser.stage


def test_nothing_is_planned_unless_asked(everyday: World) -> None:
    assert NO_SCHEDULE.is_empty
    assert planned(everyday, NO_SCHEDULE).shocks == []


@pytest.mark.parametrize("seed", [1, 7, 20])
@pytest.mark.parametrize("hours", [0, 31, 75])
def test_the_first_shock_hits_what_somebody_holds(
    make_world: MakeWorld, noon_us: int, seed: int, hours: int
) -> None:
    world = make_world(40, seed=seed, now_us=noon_us + hours * HOUR)
    chooser = chooser_of(world)
    play_schedule(Schedule(first_s=20), chooser, seed, world.now_us)
    shock = chooser.stage.shocks[0]
    assert len(chooser.stage.shocks) == 1
    assert shock.kind is Kind.PRIVATE
    assert shock.at_us == world.now_us + 20 * SECOND
    market = shock.markets[0]
    assert market in chooser._held
    assert is_winner(market.event)
    assert has_both_sides(market)
    assert market.event.start_us > shock.at_us
    value = chooser.stage.values(shock)[0]
    assert 0.2 <= value.before / DOLLAR <= 0.8
    assert 1_200 <= abs(value.after - value.before) <= 1_400


def test_a_night_is_planned_alike_from_the_same_seed(make_world: MakeWorld) -> None:
    schedule = Schedule(20, 6, 4)
    first, again = (planned(make_world(40), schedule).shocks for _ in range(2))
    assert [shock.id for shock in first] == [shock.id for shock in again]
    other = planned(make_world(40, seed=8), schedule).shocks
    assert [shock.at_us for shock in other] != [shock.at_us for shock in first]


def test_shocks_arrive_at_their_rates(everyday: World) -> None:
    stage = planned(everyday, Schedule(None, 20, 10))
    kinds = [shock.kind for shock in stage.shocks]
    assert 190 <= kinds.count(Kind.PRIVATE) <= 290  # 240 expected in twelve hours
    assert 80 <= kinds.count(Kind.NOISE) <= 160  # 120 expected
    times = [shock.at_us for shock in stage.shocks]
    assert times == sorted(times)
    for shock in stage.shocks:
        market = shock.markets[0]
        assert everyday.now_us < shock.at_us <= everyday.now_us + 12 * HOUR
        assert market.event.start_us > shock.at_us + 30 * MINUTE
    assert len({shock.markets[0].event.ticker for shock in stage.shocks}) >= 4
    assert {shock.form for shock in stage.shocks} == {None, Form.SWEEP, Form.BLINK}


def test_a_rare_shock_does_not_hit_the_game_that_was_just_hit(everyday: World) -> None:
    shocks = planned(everyday, Schedule(None, 5, 0)).shocks
    assert len(shocks) > 30
    for one, next_one in pairwise(shocks):
        if next_one.at_us - one.at_us < 20 * MINUTE:
            assert one.markets[0].event is not next_one.markets[0].event


def test_the_truth_tells_everything_once(everyday: World) -> None:
    stage = planned(everyday, Schedule(20, 10, 10))
    truth, start_us = Truth(everyday, stage), everyday.now_us
    until_us = start_us + 3 * HOUR
    told = truth.read(start_us, until_us)
    ids = [str(shock["id"]) for shock in told]
    assert len(ids) == len(set(ids))
    times = [str(shock["at"]) for shock in told]
    assert times == sorted(times)
    expected = {shock.id for shock in stage.shocks if shock.at_us <= until_us}
    assert len(expected) > 40
    assert expected <= set(ids)
    assert truth.read(start_us, start_us) == []
    for one in told:
        assert one["public"] is False
        assert one["cause"] == []
        assert one["trap"] is None
        assert one["kind"] in ("private", "noise")


def test_shocks_of_the_future_are_not_told(everyday: World) -> None:
    stage = planned(everyday, Schedule(20))
    truth, start_us = Truth(everyday, stage), everyday.now_us
    assert truth.read(start_us, start_us + 19 * SECOND) == []
    [told] = truth.read(start_us, start_us + 20 * SECOND)
    assert told["seconds"] == 15


def drawn(world: World) -> dict[tuple[str, int], float]:
    """Return the size of every jump the world drew by itself until now, per market and time."""
    return {
        (market.ticker, jump.at_us): jump.size
        for market in world.markets.values()
        for jump in Latent(market).jumps
        if jump.at_us <= world.now_us
    }


def moves(told: dict[str, Any]) -> dict[str, float]:
    return {
        ticker: float(price["after"]) - float(price["before"])
        for ticker, price in told["prices"].items()
    }


def test_news_that_the_world_drew_is_told_too(everyday: World) -> None:
    stage = Stage(BookPrices(everyday))
    told: list[dict[str, Any]] = Truth(everyday, stage).read(0, everyday.now_us)
    expected = drawn(everyday)
    assert len(expected) > 20
    assert sum(len(one["markets"]) for one in told) == len(expected)
    for one in told:
        assert one["kind"] == "private"
        assert all(moves(one).values())
    games = [one for one in told if len(one["markets"]) > 1]
    assert games
    for one in games:
        signs = {
            (everyday.markets[ticker].flow.sign > 0) == (moved > 0)
            for ticker, moved in moves(one).items()
        }
        assert len(signs) == 1, "siblings agree"
        assert float(one["delta"]) == pytest.approx(moves(one)[one["ticker"]], abs=1e-9)


def test_news_of_the_future_is_told_when_it_happened(everyday: World) -> None:
    truth = Truth(everyday, Stage(BookPrices(everyday)))
    before = {str(one["id"]) for one in truth.read(0, everyday.now_us)}
    later_us = everyday.now_us + 3 * DAY
    after = {str(one["id"]) for one in truth.read(0, later_us)}
    assert before < after


def test_prices_of_shocks_tell_what_they_were_worth(everyday: World) -> None:
    stage = Stage(BookPrices(everyday))
    chooser = chooser_of(everyday)
    market: Market | None = chooser.choose(everyday.now_us)
    assert market is not None
    at_us = everyday.now_us + MINUTE
    before = stage.fair(market, at_us)
    sign = 1 if before < 0.5 else -1
    first = stage.play_private(market, at_us, sign * 500, 0)
    noise = stage.play_noise(market, Disturbance(at_us + MINUTE, 700, SECOND, Form.BLINK))
    second = stage.play_private(market, at_us + 2 * MINUTE, sign * 300, 0, f"{sign * 0.03}")
    assert first is not None
    assert second is not None
    told: list[dict[str, Any]] = [s.describe(stage.values(s)) for s in stage.shocks]
    values = [told[n]["prices"][market.ticker] for n in range(3)]
    assert float(values[0]["before"]) == pytest.approx(before, abs=1e-4)
    assert float(values[0]["after"]) - float(values[0]["before"]) == pytest.approx(sign * 0.05)
    assert values[1]["before"] == values[1]["after"]
    assert float(values[2]["before"]) == pytest.approx(before + sign * 0.05, abs=0.003)
    assert told[0]["delta"] == dollars(sign * 500)
    assert told[1]["delta"] == "0.07"
    assert told[2]["delta"] == f"{sign * 0.03}"
    assert stage.gap_us(market.event.ticker, at_us + 3 * MINUTE) == MINUTE
    assert noise.form is Form.BLINK


@pytest.mark.parametrize(
    ("price", "text"),
    [(1_200, "0.12"), (-1_200, "-0.12"), (1_000, "0.10"), (-1, "-0.0001"), (1_234, "0.1234")],
)
def test_dollars(price: int, text: str) -> None:
    assert dollars(price) == text


def test_four_places_are_kept() -> None:
    assert dollars(2_700, 4) == "0.2700"
