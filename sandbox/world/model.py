"""The nouns of the catalogue: series, events, markets and the life of a market."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.world.units import DOLLAR


class Status(StrEnum):
    """Where a market stands in its life; the words are the exchange's own."""

    INITIALIZED = "initialized"
    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"
    DETERMINED = "determined"
    DISPUTED = "disputed"
    AMENDED = "amended"
    FINALIZED = "finalized"


class Grid(StrEnum):
    """Price structure of a market."""

    LINEAR = "linear_cent"
    DECI = "deci_cent"
    TAPERED = "tapered_deci_cent"


@dataclass(frozen=True, slots=True)
class State:
    """What time has made of a market; `*_us` are microseconds since 1970.

    `revision` counts results: 0 none yet, 1 the first, 2 the amended one.
    """

    status: Status
    updated_us: int
    close_us: int
    expected_us: int
    settled_us: int | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """All states of a market in order, known in advance; `times[i]` is when `states[i]` begins."""

    times: tuple[int, ...]
    states: tuple[State, ...]
    sessions: tuple[tuple[int, int], ...]  # when it trades

    def at(self, now_us: int) -> State | None:
        """Return the state at a time, None before the market is listed."""
        position = bisect_right(self.times, now_us)
        return self.states[position - 1] if position else None

    def before(self, now_us: int) -> State | None:
        """Return the state that preceded the present one, None if there was none."""
        position = bisect_right(self.times, now_us)
        return self.states[position - 2] if position > 1 else None

    @property
    def final_us(self) -> int:
        """When the market reaches its last state."""
        return self.times[-1]


@dataclass(frozen=True, slots=True)
class Result:
    """How a market resolves: the word, the value of one YES, the text behind it."""

    word: str  # yes, no, scalar
    value: int  # price units
    text: str

    @classmethod
    def of(cls, won: bool, text: str) -> Result:
        """Return a plain yes or no."""
        return cls("yes", DOLLAR, text) if won else cls("no", 0, text)


@dataclass(frozen=True, slots=True)
class Strike:
    """What has to happen; `kind` is the exchange's strike_type."""

    kind: str
    floor: float | int | None = None
    cap: float | int | None = None
    custom: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """How a market trades; read by the price module only."""

    fair: float  # probability of YES when the market opens
    key: int  # seeds everything of this market alone
    driver: int  # seeds the noise it shares with its siblings
    sign: int  # +1, -1 or 0: how it answers the driver
    interval_us: int  # one trade per interval, 0 = never
    lot: int  # mean size of a trade, count units
    spread: int  # usual spread in ticks
    sides: str  # both, bid, ask, none: which sides of the book exist


@dataclass(frozen=True, slots=True)
class Series:
    """A kind of event, such as the winner of an NBA game."""

    ticker: str
    title: str
    category: str
    frequency: str
    tags: tuple[str, ...] | None
    sources: tuple[tuple[str, str], ...]
    scope: str | None = None
    fee_type: str = "quadratic"
    fee_multiplier: float = 1
    prohibitions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """The game behind an event: what a vendor calls a milestone."""

    id: str
    kind: str
    title: str
    league: str
    start_us: int
    away_id: str
    home_id: str


@dataclass(slots=True)
class Event:
    """One occurrence with its markets."""

    series: Series
    ticker: str
    title: str
    sub_title: str
    exclusive: bool
    metadata: dict[str, str] | None
    rules: str  # secondary rules, shared by its markets
    early_close: str | None
    grid: Grid
    timer_s: int
    created_us: int
    open_us: int
    latest_us: int  # scheduled close, never moved by an early end
    start_us: int  # the outcome begins to be known
    end_us: int  # trading ends
    strike_date_us: int | None
    has_occurrence: bool
    milestone: Milestone | None
    life: Life
    collection: str | None = None  # combos only
    moved: tuple[int, str] | None = None  # when its date moved, and the sub title since
    fee_override: tuple[str, float] | None = None
    floor_value: int | None = None  # settlement floor, price units
    gone_us: int = 0
    uniform: bool = True  # all markets share `life`
    markets: list[Market] = field(default_factory=list)

    def updated_us(self, now_us: int) -> int:
        """Return when the event's own data last changed."""
        if self.moved is not None and self.moved[0] <= now_us:
            return self.moved[0]
        return self.created_us + 171_000


@dataclass(slots=True)
class Market:
    """One contract of an event."""

    event: Event
    index: int
    ticker: str
    title: str
    name: str  # the YES side
    no_name: str
    rules: str
    strike: Strike
    flow: Flow
    result: Result
    amended: Result
    life: Life
    participant: str | None = None
    provisional: bool = False
    removed_us: int | None = None
    legs: tuple[tuple[str, str, str], ...] = ()  # (event, market, side) of a combo

    @property
    def created_us(self) -> int:
        """When the market was listed; siblings follow each other by 1.373 ms."""
        return self.event.created_us + self.index * 1_373

    def settlement(self, state: State) -> Result | None:
        """Return the result as known in a state."""
        if state.revision == 0:
            return None
        return self.result if state.revision == 1 else self.amended
