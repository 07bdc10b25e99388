"""The latent fair value of a market: known to informed traders, dimly to makers, never a price."""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import accumulate
from math import erf, exp, log, sqrt
from random import Random
from statistics import NormalDist
from typing import NamedTuple

from sandbox.world.model import Market
from sandbox.world.noise import derived, wave
from sandbox.world.units import DAY, DOLLAR, HOUR, MINUTE, SECOND

_CELL_US = 10 * MINUTE  # how often slow drift is looked at
_PLAY_US = 90 * SECOND  # from one play that matters to the next
_PLAYS_TOP = 240
_NORMAL = NormalDist()
_GAME_JUMPS = 0.16  # lasting moves in the day before a game
_DAILY_JUMPS = 0.04  # the same per day elsewhere


class Jump(NamedTuple):
    """News: the log-odds move by `size` from `at_us` on, spread over `over_us`."""

    at_us: int
    size: float
    over_us: int = 0


def log_odds(chance: float) -> float:
    """Return the log-odds of a probability, kept away from certainty."""
    bounded = min(max(chance, 0.002), 0.998)
    return log(bounded / (1.0 - bounded))


def chance_of(odds: float) -> float:
    """Return the probability with these log-odds."""
    return 1.0 / (1.0 + exp(-odds))


class Latent:
    """A step function of time, seeded: slow drift and rare news, then plays up to the result."""

    def __init__(self, market: Market) -> None:
        """Draw the news; the plays are drawn when the first is looked at."""
        flow, event = market.flow, market.event
        self._market = market
        self._sign = flow.sign or 1
        self._key = flow.driver if flow.sign else flow.key
        self._base = log_odds(flow.fair)
        self._start_us = min(event.start_us, event.end_us)
        self.jumps: list[Jump] = self._draw_jumps()
        self._extra: list[Jump] = []
        self._extra_us: list[int] = []  # when each begins
        self._sums: list[float] = [0.0]  # of the sizes of the first ones
        self._longest_us = 0  # that one of them takes
        self._plays: tuple[list[int], list[float]] | None = None

    def _draw_jumps(self) -> list[Jump]:
        """Return the news before the start; siblings share it."""
        rng = Random(derived(self._key, 11))
        event = self._market.event
        begin = event.open_us
        expected = _DAILY_JUMPS * max(self._start_us - begin, 0) / DAY
        if event.milestone is not None:
            begin = max(begin, self._start_us - DAY)
            expected = _GAME_JUMPS
        jumps: list[Jump] = []
        while len(jumps) < 4 and rng.random() < expected / (len(jumps) + 1):
            at_us = begin + int(rng.random() * (self._start_us - begin))
            size = rng.uniform(0.25, 0.6) * (1 if rng.random() < 0.5 else -1)
            jumps.append(Jump(at_us, size * self._sign))
        return sorted(jump for jump in jumps if jump.at_us < self._start_us)

    def add(self, jump: Jump) -> None:
        """Add news of one's own."""
        insort(self._extra, jump)
        self._extra_us = [known.at_us for known in self._extra]
        self._sums = list(accumulate((known.size for known in self._extra), initial=0.0))
        self._longest_us = max(self._longest_us, jump.over_us)

    def jump_of(self, at_us: int, size: int, over_us: int) -> Jump:
        """Return the news that moves the value by `size` price units from a time on."""
        chance = self.at(at_us)[0]
        return Jump(at_us, log_odds(chance + size / DOLLAR) - log_odds(chance), over_us)

    def at(self, at_us: int) -> tuple[float, int]:
        """Return the probability of YES at a time and until when it stays so."""
        if at_us < self._start_us:
            chance, until = self._before(at_us)
        else:
            chance, until = self._in_play(at_us)
        return self._shifted(chance, until, at_us) if self._extra else (chance, until)

    def _before(self, at_us: int) -> tuple[float, int]:
        cell = at_us // _CELL_US * _CELL_US
        odds = self._base + self._sign * (
            0.08 * wave(self._key, cell, 6 * HOUR) + 0.02 * wave(self._key ^ 1, cell, 40 * MINUTE)
        )
        until = min(cell + _CELL_US, self._start_us)
        for jump in self.jumps:
            if jump.at_us > at_us:
                until = min(until, jump.at_us)
                break
            odds += jump.size
        return chance_of(odds), until

    def _in_play(self, at_us: int) -> tuple[float, int]:
        if self._plays is None:
            self._plays = self._draw_plays()
        times, chances = self._plays
        number = bisect_right(times, at_us)
        until = times[number] if number < len(times) else at_us + DAY
        return chances[number], until

    def _shifted(self, chance: float, until: int, at_us: int) -> tuple[float, int]:
        """Apply the news added; while it spreads, the value is looked at every second."""
        begun = bisect_right(self._extra_us, at_us)
        if begun < len(self._extra_us):
            until = min(until, self._extra_us[begun])
        odds = log_odds(chance) + self._sums[begun]
        spreading = bisect_right(self._extra_us, at_us - self._longest_us)
        for jump in self._extra[spreading:begun]:
            passed = at_us - jump.at_us
            if passed < jump.over_us:
                odds -= jump.size * (1.0 - passed / jump.over_us)
                until = min(until, at_us + SECOND)
        return chance_of(odds), until

    def _draw_plays(self) -> tuple[list[int], list[float]]:
        """Return when something happens in play and the chances before, between and after.

        The lead is a random walk on a clock that runs unevenly, tied to the result at its end.
        """
        market = self._market
        length = max(market.event.end_us - self._start_us, SECOND)
        count = max(min(length // _PLAY_US, _PLAYS_TOP), 2)
        rng = Random(derived(self._key, 13))
        step = 0.97 * length / count
        times = [self._start_us + int((n + rng.random()) * step) for n in range(count)]
        shares = [-log(1.0 - rng.random()) for _ in range(count)]
        begin = self._before(self._start_us)[0]
        won = market.result.value >= DOLLAR // 2
        path = _walk(rng, self._sign * _NORMAL.inv_cdf(begin), won == (self._sign > 0), shares)
        chances = [begin]
        for chance in path:
            chances.append(chance if self._sign > 0 else 1.0 - chance)
        target = market.result.value / DOLLAR
        if 0.0 < target < 1.0:
            weights = [(n / count) ** 2 for n in range(count + 1)]
            chances = [
                (1.0 - w) * chance + w * target for w, chance in zip(weights, chances, strict=True)
            ]
        return times, [min(max(chance, 0.002), 0.998) for chance in chances]


def _walk(rng: Random, lead: float, won: bool, shares: list[float]) -> list[float]:
    """Return the chance of winning after each share of the time, for a lead in its own units.

    The final lead is drawn with the sign of the result; the path to it is a Brownian bridge.
    """
    below = min(max(_NORMAL.cdf(-lead), 1e-6), 1.0 - 1e-6)
    drawn = min(max(rng.random(), 1e-6), 1.0 - 1e-6)
    final = lead + _NORMAL.inv_cdf(below + drawn * (1.0 - below) if won else drawn * below)
    total = sum(shares)
    left, chances = 1.0, []
    for share in shares[:-1]:
        passed = share / total
        after = max(left - passed, 1e-9)
        middle = lead + (final - lead) * (passed / left)
        lead = middle + rng.gauss(0.0, sqrt(passed * after / left))
        left = after
        chances.append(0.5 * (1.0 + erf(lead / sqrt(2.0 * left))))
    return [*chances, 1.0 if won else 0.0]
