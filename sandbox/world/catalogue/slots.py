"""A slot lists one kind of event again and again; their choice sets the size of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sandbox.world.model import Event, Series
from sandbox.world.noise import key_of, unit
from sandbox.world.units import DAY, HISTORY_US, LIVE_US


class Slot(Protocol):
    """Makes event number `index` of an endless row; listing times rise with the index."""

    @property
    def series(self) -> Series:
        """The series its events belong to."""

    @property
    def rhythm(self) -> Rhythm:
        """When its events are listed."""

    def make(self, index: int) -> Event:
        """Build event `index`; pure."""

    def make_if_known(self, index: int, now_us: int) -> Event | None:
        """Build event `index`, None if the world has forgotten it by now."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Event `index` is about `anchor + index * period` and is listed `lead` before that.

    `life_us` is the usual time from listing to payout, `longest_us` the longest one.
    """

    key: int
    anchor_us: int
    period_us: int
    lead_us: int
    life_us: int
    longest_us: int

    def nominal_us(self, index: int) -> int:
        """Return the nominal time of event `index`."""
        return self.anchor_us + index * self.period_us

    def listed_us(self, index: int) -> int:
        """Return when event `index` is listed: up to a tenth of a period after its turn."""
        jitter = int(unit(self.key, index) * self.period_us / 10)
        return self.nominal_us(index) - self.lead_us + jitter

    def newest(self, now_us: int) -> int:
        """Return the index of the latest event listed until now."""
        index = (now_us + self.lead_us - self.anchor_us) // self.period_us
        return index if self.listed_us(index) <= now_us else index - 1

    def oldest(self, now_us: int) -> int:
        """Return an index before which every event is long forgotten."""
        span = self.longest_us + LIVE_US + HISTORY_US
        return self.newest(now_us) - span // self.period_us - 1

    @property
    def expected(self) -> float:
        """How many of its events stand in the live endpoints at any time."""
        return (self.life_us + LIVE_US) / self.period_us


def rhythm_of(
    seed: int, name: str, *, period_us: int, lead_us: int, life_us: int, anchor_us: int = 0
) -> Rhythm:
    """Return a rhythm whose longest life allows for delays, disputes and stuck results."""
    key = key_of(seed, "rhythm", name)
    return Rhythm(key, anchor_us, period_us, lead_us, life_us, life_us + 5 * DAY)
