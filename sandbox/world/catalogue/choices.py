"""Slots for one-of-many and plain yes/no questions with a long life: futures, politics, culture."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from sandbox.world.catalogue.builder import EventSpec, MarketSpec, SpecSlot
from sandbox.world.catalogue.slots import Rhythm, rhythm_of
from sandbox.world.eastern import date_of, day_of, local_time, month_code
from sandbox.world.life import Plan, Trouble
from sandbox.world.model import Grid, Result, Series, Strike
from sandbox.world.noise import key_of, rng_of, unit
from sandbox.world.units import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer; `custom` is its structured target."""

    code: str
    name: str
    custom: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question asked again every `period_days`; `{when}` in the title is the deadline."""

    series: Series
    title: str
    options: tuple[Option, ...]
    period_days: int
    exclusive: bool = True
    metadata: dict[str, str] | None = None
    early: bool = True
    grid: Grid = Grid.LINEAR
    strike: str = "custom"
    code: str = "month"  # month or year in the ticker


class ChoiceSlot(SpecSlot):
    """Asks one question, again after each answer."""

    def __init__(self, seed: int, question: Question) -> None:
        """Spread the deadlines of different questions over the period."""
        self.series: Series = question.series
        self.seed, self._question = seed, question
        period = question.period_days * DAY
        phase = key_of("phase", question.series.ticker) % question.period_days * DAY
        self.rhythm: Rhythm = rhythm_of(
            seed,
            question.series.ticker,
            period_us=period,
            lead_us=period,
            life_us=period + HOUR,
            anchor_us=phase + 15 * HOUR,
        )

    def spec(self, index: int) -> EventSpec:
        """Describe asking number `index`."""
        question = self._question
        deadline = self.rhythm.nominal_us(index)
        local = local_time(deadline).date()
        when = f"{date_of(day_of(deadline)):%B %Y}"
        code = f"{local.year % 100:02d}" if question.code == "year" else month_code(local)
        title = question.title.format(when=when, year=local.year)
        return EventSpec(
            series=self.series,
            ticker=f"{self.series.ticker}-{code}",
            title=title,
            sub_title=f"Before {when}",
            plan=self._plan(index, deadline),
            markets=lambda: self._markets(index, title),
            rules="The result follows the first official announcement.",
            exclusive=question.exclusive and len(question.options) > 1,
            metadata=question.metadata,
            early_close="The market closes early once the answer is official.",
            grid=question.grid,
            troubles=(
                Trouble.NONE,
                Trouble.PAUSED,
                Trouble.HALTED,
                Trouble.DISPUTED,
                Trouble.STUCK,
            ),
        )

    def _plan(self, index: int, deadline: int) -> Plan:
        listed = self.rhythm.listed_us(index)
        share = unit(key_of(self.seed, "early", self.series.ticker), index)
        end = deadline - int(share * 0.05 * self.rhythm.period_us) // MINUTE * MINUTE
        return Plan(
            created_us=listed,
            open_us=(listed // HOUR + 1) * HOUR,
            start_us=end - HOUR,
            end_us=end if self._question.early else deadline,
            close_us=deadline,
            expected_us=deadline,
            timer_s=3_600,
            determine_us=30 * MINUTE,
            early=self._question.early,
        )

    def _markets(self, index: int, title: str) -> tuple[MarketSpec, ...]:
        question = self._question
        rng = rng_of(self.seed, "choice", self.series.ticker, index)
        if not question.exclusive or len(question.options) == 1:
            chances = [min(max(rng.betavariate(0.7, 1.1), 0.01), 0.99) for _ in question.options]
            winners = {n for n, chance in enumerate(chances) if rng.random() < chance}
        else:
            weights = [exp(rng.gauss(0.0, 1.6)) for _ in question.options]
            chances = [weight / sum(weights) for weight in weights]
            winners = {rng.choices(range(len(chances)), weights=chances)[0]}
        outcome = ", ".join(question.options[n].name for n in sorted(winners)) or "No"
        return tuple(
            self._market(option, title, chance, number in winners, outcome)
            for number, (option, chance) in enumerate(zip(question.options, chances, strict=True))
        )

    def _market(
        self, option: Option, title: str, chance: float, won: bool, outcome: str
    ) -> MarketSpec:
        single = len(self._question.options) == 1
        return MarketSpec(
            code="" if single and not option.code else option.code,
            name=option.name,
            title=title if single else f"{title.rstrip('?')}: {option.name}?",
            rules=f"Resolves to Yes if the answer to \u201c{title}\u201d is {option.name}.",
            strike=Strike(self._question.strike, custom=option.custom or {"Answer": option.name}),
            fair=chance,
            result=Result.of(won, outcome),
        )
