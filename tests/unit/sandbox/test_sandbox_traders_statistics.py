"""How simulated mids and last trades move, against broad bands around what real markets show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import log, sqrt
from statistics import fmean, median, quantiles
from time import perf_counter

import pytest

from sandbox.world.model import Market
from sandbox.world.prices.simulation import Simulation
from sandbox.world.units import CENT, DAY, DOLLAR, HOUR, MINUTE, SECOND
from sandbox.world.world import World

_GAMES = 30


def show(text: str) -> None:
    """Show figures that only `pytest -s` lets through."""
    print(text)  # noqa: T201


@dataclass
class Minutes:
    """One-minute steps of the mid between 5 and 95 cents."""

    changes: list[float] = field(default_factory=list)  # in log-odds
    still: int = 0
    traded: int = 0
    spreads: list[int] = field(default_factory=list)
    volume: int = 0

    @property
    def share_still(self) -> float:
        return self.still / len(self.changes)

    @property
    def deviation(self) -> float:
        return sqrt(fmean(change * change for change in self.changes))

    def __str__(self) -> str:
        tenths = quantiles(self.spreads, n=10)
        return (
            f"{len(self.changes):7d} minutes: no change {self.share_still:.3f}, sd of log-odds "
            f"{self.deviation:.3f}, traded {self.traded / len(self.changes):.2f}, spread "
            f"{median(self.spreads) / CENT:.0f} c (p90 {tenths[8] / CENT:.0f})"
        )


@dataclass
class Lasts:
    """One-minute steps of the last trade, carried forward."""

    changes: list[float] = field(default_factory=list)  # in log-odds

    @property
    def share_still(self) -> float:
        return self.changes.count(0.0) / len(self.changes)

    @property
    def deviation(self) -> float:
        return sqrt(fmean(change * change for change in self.changes))


@dataclass
class Measured:
    """Everything measured on some games."""

    phases: dict[str, Minutes]
    lasts: dict[str, Lasts]
    moves: int  # 5 c in 5 minutes in the day before
    spikes: list[float]  # volume of such a move over that of the same time before
    games: int


def phase_of(market: Market, at_us: int) -> str:
    before = market.event.start_us - at_us
    if before <= 0:
        return "in play"
    return "last hour" if before <= HOUR else "last day" if before <= DAY else "earlier"


def minutes_of(market: Market, simulation: Simulation) -> Iterator[tuple[int, float, int, int]]:
    """Yield time, mid, spread and volume at every full minute with a two-sided book."""
    record = simulation.record
    first_us = max(market.event.open_us, market.event.start_us - 2 * DAY)
    at_us = first_us // MINUTE * MINUTE + MINUTE
    while at_us < market.event.end_us:
        quote = record.quote(at_us)
        if quote.bid is not None and quote.ask is not None:
            volume = record.volume(record.count(at_us))
            yield at_us, (quote.bid + quote.ask) / 2, quote.ask - quote.bid, volume
        at_us += MINUTE


def measure(market: Market, simulation: Simulation, into: Measured) -> None:
    seen = list(minutes_of(market, simulation))
    for (at_us, mid, _, volume), (later_us, after, spread, sold) in pairwise(seen):
        if later_us - at_us != MINUTE or not 5 * CENT <= mid <= 95 * CENT:
            continue
        minutes = into.phases[phase_of(market, at_us)]
        odds = [log(price / (DOLLAR - price)) for price in (mid, after)]
        minutes.changes.append(odds[1] - odds[0])
        minutes.still += mid == after
        minutes.traded += sold > volume
        minutes.spreads.append(spread)
        minutes.volume += sold - volume
    measure_lasts(market, simulation, into)
    number = 60
    while number < len(seen) - 5:
        at_us, mid, _, volume = seen[number]
        _, after, _, sold = seen[number + 5]
        if phase_of(market, at_us) == "last day" and abs(after - mid) >= 5 * CENT:
            into.moves += 1
            usual = (volume - seen[number - 60][3]) / 12
            into.spikes.append((sold - volume) / max(usual, 1))
            number += 60
        number += 1


def measure_lasts(market: Market, simulation: Simulation, into: Measured) -> None:
    """Note how the last trade moves from minute to minute."""
    record = simulation.record
    minutes = range(market.event.start_us - DAY, market.event.end_us, MINUTE)
    prices = [(at_us, record.last(record.count(at_us))) for at_us in minutes]
    for (at_us, before), (_, after) in pairwise(prices):
        if before is None or after is None or not 5 * CENT <= before <= 95 * CENT:
            continue
        if 0 < after < DOLLAR:
            odds = [log(price / (DOLLAR - price)) for price in (before, after)]
            into.lasts[phase_of(market, at_us)].changes.append(odds[1] - odds[0])


@pytest.fixture(scope="module")
def measured(world: World) -> Measured:
    """Games that were played, of the two busiest kinds."""
    games = [
        market
        for market in world.markets.values()
        if market.event.milestone
        and market.event.end_us < world.now_us
        and market.flow.sides == "both"
        and 0 < market.flow.interval_us <= 60 * SECOND
    ][:_GAMES]
    found = Measured(defaultdict(Minutes), defaultdict(Lasts), 0, [], len(games))
    arrivals, spent = 0, 0.0
    for market in games:
        begun = perf_counter()
        simulation = Simulation(market)
        simulation.run(world.now_us)
        spent += perf_counter() - begun
        arrivals += simulation.steps
        measure(market, simulation, found)
    for name, minutes in found.phases.items():
        show(f"{name:10s}{minutes}")
    show(f"{found.moves} moves in {found.games} games; {spent / arrivals * 1e6:.1f} us an arrival")
    return found


def test_most_minutes_before_a_game_change_nothing(measured: Measured) -> None:
    assert measured.phases["earlier"].share_still > 0.9
    assert 0.8 < measured.phases["last day"].share_still < 0.99
    assert 0.7 < measured.phases["last hour"].share_still < 0.96


def test_most_minutes_in_play_change_something(measured: Measured) -> None:
    assert 0.1 < measured.phases["in play"].share_still < 0.5


def test_games_move_six_to_twenty_three_times_as_much_in_play(measured: Measured) -> None:
    calm, wild = measured.phases["last hour"].deviation, measured.phases["in play"].deviation
    show(f"ratio {wild / calm:.1f}")
    assert 6 <= wild / calm <= 23
    assert 0.08 < wild < 0.5


def test_last_trades_bounce_no_more_than_real_ones(measured: Measured) -> None:
    """Real: 0.84 to 0.87 of the minutes of the last hour unchanged, sd 0.024 to 0.027."""
    calm, wild = measured.lasts["last hour"], measured.lasts["in play"]
    ratio = wild.deviation / calm.deviation
    show(f"last trades: hour {calm.share_still:.2f} {calm.deviation:.3f}, ratio {ratio:.1f}")
    assert 0.8 < calm.share_still < 0.95
    assert 0.012 < calm.deviation < 0.035
    assert 6 <= ratio <= 23


def test_most_is_traded_in_play(measured: Measured) -> None:
    total = sum(minutes.volume for minutes in measured.phases.values())
    share = measured.phases["in play"].volume / total
    show(f"share of volume in play {share:.2f}")
    assert 0.6 < share < 0.97


def test_spreads_of_busy_games_are_a_cent_or_two(measured: Measured) -> None:
    for minutes in measured.phases.values():
        assert CENT <= median(minutes.spreads) <= 2 * CENT
        assert quantiles(minutes.spreads, n=10)[8] <= 4 * CENT


def test_few_games_move_for_good_before_they_begin(measured: Measured) -> None:
    show(f"{measured.moves / measured.games:.2f} moves a game, volume {sorted(measured.spikes)}")
    assert 0 < measured.moves / measured.games < 0.5
    assert median(measured.spikes) > 3
