"""Turns a description of an event into the event: tickers, lives, results, ways of trading."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from sandbox.world.life import Plan, Trouble, build_life, can_move, draw_trouble
from sandbox.world.model import (
    Event,
    Flow,
    Grid,
    Life,
    Market,
    Milestone,
    Result,
    Series,
    Strike,
)
from sandbox.world.noise import derived, key_of, rng_of
from sandbox.world.units import DAY, HISTORY_US, HOUR, LIVE_US, MINUTE, SECOND

_MAX_TRADES = 20_000
# seconds between trades (0: never), mean size in count units, usual spread in ticks
_PACES = ((30, 20_450, 1), (300, 6_125, 1), (2_400, 2_310, 2), (14_400, 1_000, 4), (0, 0, 5))
_PACE_BORDERS = (0.05, 0.25, 0.60, 0.80)
_WINNERS = 1  # the slowest of these at which markets on the winner of a game trade
_SIDES = ("both", "ask", "bid", "none")
_SIDE_BORDERS = (0.92, 0.97, 0.985)


@dataclass(frozen=True, slots=True)
class MarketSpec:
    """One market as the catalogue describes it.

    `fair` is the probability of YES at the start; `driver` groups markets that move together.
    """

    code: str
    name: str
    title: str
    rules: str
    strike: Strike
    fair: float
    result: Result
    no_name: str | None = None
    driver: str = ""
    sign: int = 0
    participant: str | None = None


@dataclass(frozen=True, slots=True)
class EventSpec:
    """One event as the catalogue describes it."""

    series: Series
    ticker: str
    title: str
    sub_title: str
    plan: Plan
    markets: Callable[[], tuple[MarketSpec, ...]]  # described only if the event is still known
    rules: str
    exclusive: bool = False
    metadata: dict[str, str] | None = None
    early_close: str | None = None
    grid: Grid = Grid.LINEAR
    strike_date_us: int | None = None
    has_occurrence: bool = False
    milestone: Milestone | None = None
    moved_sub_title: str | None = None
    troubles: tuple[Trouble, ...] = field(default=tuple(Trouble))


def skeleton(seed: int, spec: EventSpec) -> Event:
    """Build the event without its markets: enough to know when it will be forgotten."""
    rng = rng_of(seed, "life", spec.ticker)
    trouble = _trouble(spec, rng)
    return _event(spec, trouble, build_life(spec.plan, trouble, rng), rng)


def furnish(seed: int, spec: EventSpec, event: Event) -> Event:
    """Add the markets to a skeleton."""
    rng = rng_of(seed, "markets", spec.ticker)
    drivers: dict[str, int] = {}
    key = key_of(seed, spec.ticker)
    for index, part in enumerate(spec.markets()):
        if part.driver not in drivers:
            drivers[part.driver] = key_of(seed, part.driver)
        flow = _flow(event, part, derived(key, index), drivers[part.driver], rng)
        event.markets.append(_market(event, index, part, flow))
    _amend(event, rng)
    if event.moved is None:
        _single_troubles(seed, event, spec, rng)
    return event


def assemble(seed: int, spec: EventSpec) -> Event:
    """Build the event; the same seed and description give the same event."""
    return furnish(seed, spec, skeleton(seed, spec))


class SpecSlot(ABC):
    """A slot that describes its events."""

    seed: int

    @abstractmethod
    def spec(self, index: int) -> EventSpec:
        """Describe event `index`."""

    def make(self, index: int) -> Event:
        """Build event `index`."""
        return assemble(self.seed, self.spec(index))

    def make_if_known(self, index: int, now_us: int) -> Event | None:
        """Build event `index` unless it is forgotten by now."""
        spec = self.spec(index)
        event = skeleton(self.seed, spec)
        return furnish(self.seed, spec, event) if event.gone_us > now_us else None


def _trouble(spec: EventSpec, rng: Random) -> Trouble:
    trouble = draw_trouble(rng)
    if trouble not in spec.troubles or (trouble is Trouble.MOVED and not can_move(spec.plan)):
        return Trouble.NONE
    return trouble


def _event(spec: EventSpec, trouble: Trouble, life: Life, rng: Random) -> Event:
    plan = spec.plan
    moved = None
    if trouble is Trouble.MOVED:
        plan = plan.shifted(DAY)
        bump = next(state for state in life.states if state.close_us == plan.close_us)
        moved = (bump.updated_us, spec.moved_sub_title or spec.sub_title)
    roll = rng.random()
    return Event(
        series=spec.series,
        ticker=spec.ticker,
        title=spec.title,
        sub_title=spec.sub_title,
        exclusive=spec.exclusive,
        metadata=spec.metadata,
        rules=spec.rules,
        early_close=spec.early_close,
        grid=spec.grid,
        timer_s=plan.timer_s,
        created_us=plan.created_us,
        open_us=plan.open_us,
        latest_us=plan.close_us,
        start_us=plan.start_us,
        end_us=plan.end_us,
        strike_date_us=spec.strike_date_us,
        has_occurrence=spec.has_occurrence,
        milestone=spec.milestone,
        life=life,
        moved=moved,
        fee_override=("quadratic_with_maker_fees", 1) if roll < 0.01 else None,
        floor_value=100 if 0.01 <= roll < 0.015 else None,
        gone_us=life.final_us + HOUR + LIVE_US + HISTORY_US,
    )


def _market(event: Event, index: int, spec: MarketSpec, flow: Flow) -> Market:
    return Market(
        event=event,
        index=index,
        ticker=f"{event.ticker}-{spec.code}" if spec.code else event.ticker,
        title=spec.title,
        name=spec.name,
        no_name=spec.no_name or spec.name,
        rules=spec.rules,
        strike=spec.strike,
        flow=flow,
        result=spec.result,
        amended=spec.result,
        life=event.life,
        participant=spec.participant,
    )


def _flow(event: Event, spec: MarketSpec, key: int, driver: int, rng: Random) -> Flow:
    pace = bisect_right(_PACE_BORDERS, rng.random())
    sides = _SIDES[bisect_right(_SIDE_BORDERS, rng.random())]
    if event.milestone is not None and event.exclusive:  # who wins a game: never a thin market
        pace, sides = min(pace, _WINNERS), "both"
    seconds, lot, spread = _PACES[pace]
    length = event.end_us - event.open_us
    interval = max(seconds * SECOND, length // _MAX_TRADES) if seconds else 0
    return Flow(
        fair=min(max(spec.fair, 0.003), 0.997),
        key=key,
        driver=driver,
        sign=spec.sign,
        interval_us=interval,
        lot=max(int(lot * rng.uniform(0.5, 2.0)), 10),
        spread=spread,
        sides=sides,
    )


def _amend(event: Event, rng: Random) -> None:
    """Decide what the result becomes should it be disputed: mostly another one."""
    markets = event.markets
    if rng.random() < 0.3 or any(market.result.word == "scalar" for market in markets):
        return
    if event.exclusive:
        shifted = [*markets[1:], markets[0]]
        for market, other in zip(markets, shifted, strict=True):
            market.amended = replace(other.result, text=market.result.text + " (amended)")
        return
    market = markets[rng.randrange(len(markets))]
    market.amended = Result.of(market.result.word != "yes", market.result.text + " (amended)")


def _single_troubles(seed: int, event: Event, spec: EventSpec, rng: Random) -> None:
    """Give one market in a hundred a pause of its own; very few are provisional and vanish."""
    for market in event.markets:
        roll = rng.random()
        if roll < 0.01:
            own = rng_of(seed, "own", market.ticker)
            market.life = build_life(spec.plan, Trouble.PAUSED, own)
            event.uniform = False
        elif roll < 0.0105:
            market.provisional = True
            market.removed_us = rng.randrange(event.open_us + MINUTE, event.end_us + HOUR)
            market.flow = replace(market.flow, interval_us=0)
            event.uniform = False
