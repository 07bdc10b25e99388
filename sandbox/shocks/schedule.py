"""Shocks planned at the start: the first one, and those of a night."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from sandbox.shocks.choice import Chooser
from sandbox.shocks.shock import Kind
from sandbox.world.noise import rng_of
from sandbox.world.prices.disturbance import Disturbance, Form
from sandbox.world.units import CENT, HOUR, SECOND

_NIGHT_US = 12 * HOUR  # how far ahead is planned
_FIRST_OVER_US = 15 * SECOND


@dataclass(frozen=True, slots=True)
class Schedule:
    """What happens by itself.

    Attributes:
        first_s: seconds from the start to one private shock; None: none.
        private_per_hour: how many more, for twelve hours.
        noise_per_hour: how many disturbances without news.
    """

    first_s: float | None = None
    private_per_hour: float = 0.0
    noise_per_hour: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing happens."""
        return self.first_s is None and not self.private_per_hour and not self.noise_per_hour


NO_SCHEDULE = Schedule()


class _Due(NamedTuple):
    at_us: int
    kind: Kind


def play_schedule(schedule: Schedule, chooser: Chooser, seed: int, start_us: int) -> None:
    """Plan every shock of a schedule; what finds no market is left out.

    Args:
        schedule: What to plan.
        chooser: Finds the markets, and the stage they are shocked on.
        seed: Same seed and world: same shocks.
        start_us: When the sandbox started.
    """
    if schedule.first_s is not None:
        rng = rng_of(seed, "first shock")
        at_us = start_us + int(schedule.first_s * SECOND)
        _play_private(chooser, rng, at_us, (rng.randint(12, 14), _FIRST_OVER_US))
    due = [
        *_arrivals(rng_of(seed, Kind.PRIVATE), schedule.private_per_hour, start_us, Kind.PRIVATE),
        *_arrivals(rng_of(seed, Kind.NOISE), schedule.noise_per_hour, start_us, Kind.NOISE),
    ]
    rng = rng_of(seed, "sizes of shocks")
    for at_us, kind in sorted(due):
        if kind is Kind.PRIVATE:
            extent = (rng.randint(5, 14), rng.randint(10, 120) * SECOND)
            _play_private(chooser, rng, at_us, extent)
        else:
            _play_noise(chooser, rng, at_us)


def _arrivals(rng: Random, per_hour: float, start_us: int, kind: Kind) -> Iterator[_Due]:
    """Yield the times of a Poisson process."""
    at_us = float(start_us)
    while per_hour > 0:
        at_us += rng.expovariate(per_hour) * HOUR
        if at_us > start_us + _NIGHT_US:
            return
        yield _Due(int(at_us), kind)


def _play_private(chooser: Chooser, rng: Random, at_us: int, extent: tuple[int, int]) -> None:
    """Plan news of some cents over some time, towards the middle when the price is off it."""
    market = chooser.choose(at_us)
    if market is None:
        return
    cents, over_us = extent
    value = chooser.stage.fair(market, at_us)
    is_up = rng.random() < 0.5 if 0.35 < value < 0.65 else value < 0.5
    chooser.stage.play_private(market, at_us, (cents if is_up else -cents) * CENT, over_us)


def _play_noise(chooser: Chooser, rng: Random, at_us: int) -> None:
    market = chooser.choose(at_us)
    if market is None:
        return
    size = rng.randint(4, 12) * CENT * rng.choice((-1, 1))
    over_us = rng.randint(3, 60) * SECOND
    chooser.stage.play_noise(market, Disturbance(at_us, size, over_us, rng.choice(tuple(Form))))
