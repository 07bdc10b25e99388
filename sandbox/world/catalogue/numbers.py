"""Slots for numbers that are known at a fixed time: weather, crypto, the economy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import floor

from sandbox.world.catalogue.builder import EventSpec, MarketSpec, SpecSlot
from sandbox.world.catalogue.ladders import Number, bracket_markets, threshold_markets
from sandbox.world.catalogue.slots import Rhythm, rhythm_of
from sandbox.world.eastern import clock_code, day_code, day_words, local_time, month_code
from sandbox.world.life import Plan
from sandbox.world.model import Grid, Series
from sandbox.world.noise import key_of, rng_of, wave
from sandbox.world.units import DAY, HOUR, MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Topic:
    """A number published again and again.

    `middle`, `swing`, `sd`: where it wanders and how unsure people are; `step` is the width of a
    bracket or the distance of thresholds, `rungs` their number.
    """

    series: Series
    subject: str
    show: Callable[[float], str]
    middle: float
    swing: float
    sd: float
    step: float
    rungs: int
    brackets: bool
    period_us: int
    phase_us: int  # when in the period (UTC) it is known
    lead_us: int
    code: str  # hour, day or month in the ticker
    determine_us: int
    timer_s: int
    grid: Grid = Grid.LINEAR
    competition: str | None = None
    offset: float = 0.0  # added to thresholds: 249.99 rather than 250


class NumberSlot(SpecSlot):
    """Lists the markets on one topic, period after period."""

    def __init__(self, seed: int, topic: Topic) -> None:
        """Follow one topic."""
        self.series: Series = topic.series
        self.seed, self._topic = seed, topic
        self.rhythm: Rhythm = rhythm_of(
            seed,
            topic.series.ticker,
            period_us=topic.period_us,
            lead_us=topic.lead_us,
            life_us=topic.lead_us + topic.determine_us + topic.timer_s * SECOND,
            anchor_us=topic.phase_us,
        )

    def spec(self, index: int) -> EventSpec:
        """Describe the event of period `index`."""
        topic = self._topic
        known_us = self.rhythm.nominal_us(index)
        local = local_time(known_us - SECOND)
        words = day_words(local.date())
        if topic.code == "hour":
            words += f" at {local_time(known_us):%H:%M} ET"
        number = self._number(index, f"{topic.subject} on {words}")
        metadata = {"competition": topic.competition} if topic.competition else None
        return EventSpec(
            series=self.series,
            ticker=f"{self.series.ticker}-{self._code(known_us)}",
            title=f"{topic.subject} on {words}?",
            sub_title=f"On {words}",
            plan=self._plan(index, known_us),
            markets=lambda: self._markets(number),
            rules="Revisions after publication do not change the result.",
            exclusive=topic.brackets,
            metadata=metadata,
            grid=topic.grid,
            strike_date_us=known_us,
        )

    def _code(self, known_us: int) -> str:
        local = local_time(known_us - SECOND).date()
        if self._topic.code == "month":
            return month_code(local)
        if self._topic.code == "day":
            return day_code(local)
        moment = local_time(known_us)
        clock = clock_code(moment.hour * 60 + moment.minute)
        return day_code(moment.date()) + (clock if moment.minute else clock[:2])

    def _number(self, index: int, subject: str) -> Number:
        topic = self._topic
        key = key_of(self.seed, "number", topic.series.ticker)
        mean = topic.middle + topic.swing * wave(key, index * DAY, 9 * DAY)
        actual = rng_of(key, index).gauss(mean, topic.sd)
        return Number(mean, topic.sd, actual, topic.show, subject)

    def _markets(self, number: Number) -> tuple[MarketSpec, ...]:
        topic = self._topic
        base = floor(number.mean / topic.step) * topic.step
        first = base - (topic.rungs // 2) * topic.step
        if topic.brackets:
            return bracket_markets(number, round(first, 6), topic.step, topic.rungs)
        values = [round(first + n * topic.step + topic.offset, 6) for n in range(topic.rungs)]
        return threshold_markets(number, values)

    def _plan(self, index: int, known_us: int) -> Plan:
        topic = self._topic
        listed = self.rhythm.listed_us(index)
        return Plan(
            created_us=listed,
            open_us=min((listed // (5 * MINUTE) + 2) * 5 * MINUTE, known_us - 4 * MINUTE),
            start_us=known_us - min(topic.lead_us // 5, 12 * HOUR),
            end_us=known_us,
            close_us=known_us,
            expected_us=known_us + topic.determine_us // (10 * MINUTE) * 10 * MINUTE,
            timer_s=topic.timer_s,
            determine_us=topic.determine_us,
            early=False,
        )
