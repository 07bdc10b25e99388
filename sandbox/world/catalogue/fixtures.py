"""Fixtures: who meets whom, when, and how the game ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from statistics import NormalDist

from sandbox.world.catalogue.leagues import League
from sandbox.world.eastern import clock_code, date_of, day_code, day_words, eastern_us
from sandbox.world.model import Milestone
from sandbox.world.noise import key_of, rng_of, unit, uuid_of
from sandbox.world.units import MINUTE


@dataclass(frozen=True, slots=True)
class Fixture:
    """One game with its true ending.

    `edge` is the expected margin (home minus away), `total` the expected sum of points.
    """

    league: League
    code: str  # date, time and teams as in tickers
    away: tuple[str, str]
    home: tuple[str, str]
    day_text: str
    next_day_text: str
    start_us: int
    end_us: int
    edge: float
    total: float
    margin: int
    points: int

    @property
    def title(self) -> str:
        """The two teams."""
        return f"{self.away[1]} vs {self.home[1]}"

    @property
    def winner(self) -> str | None:
        """Code of the winning team, None for a tie."""
        if self.margin == 0:
            return None
        return self.home[0] if self.margin > 0 else self.away[0]

    @property
    def winner_name(self) -> str:
        """Name of the winning team, `Tie` without one."""
        if self.margin == 0:
            return "Tie"
        return self.home[1] if self.margin > 0 else self.away[1]

    def chance_above(self, margin: float) -> float:
        """Return the probability that home wins by more than `margin`."""
        spread = self.league.margin_sd or 10.0
        return 1.0 - NormalDist(self.edge, spread).cdf(margin)

    def chance_total(self, points: float) -> float:
        """Return the probability of more than `points` in all."""
        return 1.0 - NormalDist(self.total, self.league.total_sd).cdf(points)

    def milestone(self) -> Milestone | None:
        """Return what the vendor's sports feed calls this game."""
        if not self.league.milestone:
            return None
        return Milestone(
            id=uuid_of("milestone", self.league.code, self.code),
            kind=self.league.milestone,
            title=f"{self.away[1]} at {self.home[1]}",
            league=self.league.code,
            start_us=self.start_us,
            away_id=target_id(self.league, self.away[0]),
            home_id=target_id(self.league, self.home[0]),
        )


@lru_cache(maxsize=4_096)
def target_id(league: League, code: str) -> str:
    """Return the structured target of a team, the same in every world."""
    return uuid_of("target", league.target, league.code, code)


@lru_cache(maxsize=8_192)
def _pairing(seed: int, league: League, index: int) -> tuple[tuple[str, str], ...]:
    teams = list(league.teams)
    rng_of(seed, "round", league.code, index).shuffle(teams)
    return tuple(teams)


@lru_cache(maxsize=4_096)
def _strength(seed: int, league: League, code: str) -> float:
    """Return a team's strength in points, around zero."""
    spread = (league.margin_sd or 10.0) * 0.4
    share = unit(key_of(seed, "strength", league.code, code), 0)
    return NormalDist(0.0, spread).inv_cdf(0.02 + 0.96 * share)


def _ending(league: League, edge: float, total: float, rng: Random) -> tuple[int, int]:
    margin = round(rng.gauss(edge, league.margin_sd or 10.0))
    if margin == 0 and not league.ties:
        margin = 1 if rng.random() < 0.5 else -1
    points = max(round(rng.gauss(total, league.total_sd)), abs(margin))
    return margin, points + (points + margin) % 2


def fixture_day(league: League, place: int, index: int) -> int:
    """Return the day number of round `index` for the game at `place` in it."""
    return index * league.every_days + place % league.every_days


@lru_cache(maxsize=32_768)
def fixture(seed: int, league: League, place: int, index: int) -> Fixture:
    """Return game `place` of round `index`; the same for every kind of market on it."""
    teams = _pairing(seed, league, index)
    away, home = teams[2 * place], teams[2 * place + 1]
    rng = rng_of(seed, "game", league.code, index, place)
    local = date_of(fixture_day(league, place, index))
    minutes = league.starts[rng.randrange(len(league.starts))]
    start = eastern_us(local, minutes)
    advantage = 0.15 * (league.margin_sd or 10.0)
    edge = _strength(seed, league, home[0]) - _strength(seed, league, away[0]) + advantage
    total = league.total + rng.uniform(-0.3, 0.3) * league.total_sd
    margin, points = _ending(league, edge, total, rng)
    clock = clock_code(minutes) if league.clock_in_ticker else ""
    length = int(league.minutes * rng.uniform(0.9, 1.15)) * MINUTE
    return Fixture(
        league=league,
        code=f"{day_code(local)}{clock}{away[0]}{home[0]}",
        away=away,
        home=home,
        day_text=day_words(local),
        next_day_text=day_words(date_of(fixture_day(league, place, index) + 1)),
        start_us=start,
        end_us=start + length + rng.randrange(60) * 1_000_000,
        edge=edge,
        total=total,
        margin=margin,
        points=points,
    )
