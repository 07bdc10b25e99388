"""When orders arrive in a market: rarely long before the event, in plenty while it is played."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from math import log
from random import Random
from typing import NamedTuple

from sandbox.world.model import Market, Status
from sandbox.world.prices.disturbance import Disturbance
from sandbox.world.units import HOUR, MINUTE, SECOND

TRADING = 0.7  # of the arrivals that trade; the others only offer
_IN_PLAY, _GAME = 2.0, 10.0  # other outcomes show more slowly than a game's
_AFTER = 1.0
# hours to the start, how busy the market is from there on as a share of its usual rate
_PROFILE = ((None, 0.06), (168, 0.12), (24, 0.3), (12, 0.6), (6, 0.95), (3, 1.3), (1, 1.9))
_UNTRADED_US = 2 * HOUR  # between two looks of the makers at a market without trades
_NEWS_US, _SOON_US = 4 * MINUTE, 20 * SECOND  # how long news is traded
_CROWD, _CROWD_TOP = 10, 600  # times the usual trades while it is
_RETURN_US, _RETURNING = 40 * SECOND, 8  # how people come back to a disturbed book
_GAP_US = 1_000  # arrivals fall on whole milliseconds
_QUOTED = frozenset({Status.ACTIVE, Status.INACTIVE})


class Kind(Enum):
    """What happens at an arrival."""

    OPEN = 0  # trading begins, or begins again
    PAUSE = 1  # offers stay, nothing trades
    CLOSE = 2  # every order is cancelled
    ORDER = 3
    NEWS = 4  # somebody informed trades
    NOISE = 5  # the book is disturbed


class Arrival(NamedTuple):
    """Something to do at a time (microseconds)."""

    at_us: int
    kind: Kind
    disturbance: Disturbance | None = None


class Pace(NamedTuple):
    """Makes every market `factor` times as busy from a time on (microseconds)."""

    factor: float = 1.0
    since_us: int = 0


USUAL = Pace()


class _Stretch(NamedTuple):
    begin_us: int
    end_us: int
    busy: float


def is_in_play(market: Market, at_us: int) -> bool:
    """Say whether the outcome shows at a time."""
    return market.event.start_us <= at_us < market.event.end_us


def _borders(market: Market) -> list[tuple[int, float]]:
    """Return when the market becomes how busy."""
    start, end = market.event.start_us, market.event.end_us
    borders = [(0 if h is None else start - h * HOUR, busy) for h, busy in _PROFILE]
    played = _GAME if market.event.milestone else _IN_PLAY
    return [*borders, (start, played), (max(end, start), _AFTER)]


def _hurried(borders: list[tuple[int, float]], pace: Pace) -> list[tuple[int, float]]:
    """Return the borders with another one where the pace changes."""
    if pace.factor == 1.0:
        return borders
    before = [border for border in borders if border[0] < pace.since_us]
    after = [(at_us, busy * pace.factor) for at_us, busy in borders if at_us >= pace.since_us]
    if before:
        after.insert(0, (pace.since_us, before[-1][1] * pace.factor))
    return before + after


def _stretches(begin_us: int, end_us: int, borders: list[tuple[int, float]]) -> list[_Stretch]:
    """Cut a session where its pace changes."""
    ends = [at_us for at_us, _ in borders[1:]] + [end_us]
    found = []
    for (at_us, busy), until in zip(borders, ends, strict=True):
        low, high = max(at_us, begin_us), min(until, end_us)
        if low < high:
            found.append(_Stretch(low, high, busy))
    return found


def _closings(market: Market) -> list[int]:
    """Return when the market stops being quoted."""
    life = market.life
    found, quoted = [], False
    for at_us, state in zip(life.times, life.states, strict=True):
        is_quoted = state.status in _QUOTED
        if quoted and not is_quoted:
            found.append(at_us)
        quoted = is_quoted
    return found


def is_over(market: Market, at_us: int) -> bool:
    """Say whether nothing can happen in a market any more."""
    life = market.life
    if not life.sessions:
        return True
    state = life.at(at_us)
    return life.sessions[-1][1] <= at_us and (state is None or state.status not in _QUOTED)


def mean_gap_us(market: Market) -> int:
    """Return the usual time between two arrivals at a busy factor of 1."""
    interval = market.flow.interval_us
    return int(interval * TRADING) if interval else _UNTRADED_US


def arrivals(market: Market, rng: Random, pace: Pace = USUAL) -> Iterator[Arrival]:
    """Yield what happens in a market without news, in order of time."""
    closings = _closings(market)
    borders = _hurried(_borders(market), pace)
    gap = mean_gap_us(market)
    for begin, end in market.life.sessions:
        while closings and closings[0] <= begin:
            yield Arrival(closings.pop(0), Kind.CLOSE)
        yield Arrival(begin, Kind.OPEN)
        yield from _within(_stretches(begin, end, borders), gap, rng)
        yield Arrival(end, Kind.PAUSE)
    for at_us in closings:
        yield Arrival(at_us, Kind.CLOSE)


def _within(stretches: list[_Stretch], gap: int, rng: Random) -> Iterator[Arrival]:
    """Yield the arrivals of one session: a Poisson process whose rate follows the stretches."""
    wait = -log(1.0 - rng.random()) * gap
    last = stretches[0].begin_us
    for stretch in stretches:
        at, end, busy = float(stretch.begin_us), stretch.end_us, stretch.busy
        while True:
            due = at + wait / busy
            if due >= end - _GAP_US:
                wait = max(wait - (end - at) * busy, 0.0)
                break
            at = due
            last = max(int(due) // _GAP_US * _GAP_US, last + _GAP_US)
            if last >= end:
                break
            yield Arrival(last, Kind.ORDER)
            wait = -log(1.0 - rng.random()) * gap


def busy_at(market: Market, at_us: int, pace: Pace = USUAL) -> float:
    """Return how busy a market is at a time, as a share of its usual rate."""
    busy = 0.0
    for begin_us, factor in _hurried(_borders(market), pace):
        if begin_us > at_us:
            break
        busy = factor
    return busy


def burst(
    market: Market, rng: Random, at_us: int, over_us: int, pace: Pace = USUAL
) -> list[Arrival]:
    """Return the arrivals that news brings: many at first, more where more people look.

    In a busy market a crowd without news comes with those who know, so that the volume is about
    ten times that of a usual minute, or of the usual time when news takes longer.
    """
    interval = market.flow.interval_us
    is_slow = interval > 300 * SECOND
    if over_us:  # it spreads while people watch
        count, span = 36 if is_slow else 60, max(2 * over_us, _SOON_US)
    else:
        count, span = 4 if not interval else 10 if is_slow else 24, _NEWS_US
    times = sorted(at_us + int(rng.random() ** 1.5 * span) for _ in range(count))
    found = [Arrival(_whole_ms(time), Kind.NEWS) for time in times]
    looked_at = busy_at(market, at_us, pace) * max(span, MINUTE)
    usual = looked_at / interval if interval else 0.0
    crowd = min(int(_CROWD * usual) - 2 * count, _CROWD_TOP)
    for _ in range(crowd):
        found.append(Arrival(_whole_ms(at_us + int(rng.random() * span)), Kind.ORDER))
    return sorted(found, key=lambda arrival: arrival.at_us)


def disturbed(rng: Random, disturbance: Disturbance) -> list[Arrival]:
    """Return the arrival that disturbs a book and those of the people who come back to it."""
    begin = _whole_ms(disturbance.at_us + disturbance.over_us)
    back = sorted(begin + int(rng.random() * _RETURN_US) for _ in range(_RETURNING))
    return [
        Arrival(disturbance.at_us, Kind.NOISE, disturbance),
        *(Arrival(_whole_ms(time), Kind.ORDER) for time in back),
    ]


def _whole_ms(at_us: int) -> int:
    """Return the next whole millisecond."""
    return at_us // _GAP_US * _GAP_US + _GAP_US
