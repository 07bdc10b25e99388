"""Builds the life of a market: every step it will take, legal ones only."""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from sandbox.world.model import Life, State, Status
from sandbox.world.units import DAY, HOUR, MINUTE, SECOND

LEGAL: dict[Status, frozenset[Status]] = {
    Status.INITIALIZED: frozenset({Status.ACTIVE}),
    Status.ACTIVE: frozenset({Status.ACTIVE, Status.INACTIVE, Status.CLOSED}),
    Status.INACTIVE: frozenset({Status.ACTIVE, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.ACTIVE, Status.DETERMINED}),
    Status.DETERMINED: frozenset({Status.DISPUTED, Status.FINALIZED}),
    Status.DISPUTED: frozenset({Status.AMENDED}),
    Status.AMENDED: frozenset({Status.FINALIZED}),
    Status.FINALIZED: frozenset(),
}


class Trouble(StrEnum):
    """What may happen to an event besides opening, closing and paying out."""

    NONE = "none"
    PAUSED = "paused"
    HALTED = "halted"  # paused and never resumed
    MOVED = "moved"
    REOPENED = "reopened"
    DISPUTED = "disputed"
    STUCK = "stuck"


_ODDS = (
    (Trouble.PAUSED, 0.06),
    (Trouble.HALTED, 0.01),
    (Trouble.MOVED, 0.05),
    (Trouble.DISPUTED, 0.04),
    (Trouble.REOPENED, 0.02),
    (Trouble.STUCK, 0.01),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """When an event is meant to happen (microseconds).

    `end_us` is when trading really ends; with `early` the close date moves there.
    """

    created_us: int
    open_us: int
    start_us: int
    end_us: int
    close_us: int
    expected_us: int
    timer_s: int
    determine_us: int  # from the end to the result
    early: bool

    def shifted(self, by_us: int) -> "Plan":
        """Return the plan of an event that takes place later."""
        return replace(
            self,
            start_us=self.start_us + by_us,
            end_us=self.end_us + by_us,
            close_us=self.close_us + by_us,
            expected_us=self.expected_us + by_us,
        )


def draw_trouble(rng: Random) -> Trouble:
    """Choose what goes wrong, mostly nothing."""
    roll = rng.random()
    for trouble, odds in _ODDS:
        if roll < odds:
            return trouble
        roll -= odds
    return Trouble.NONE


def notice_us(plan: Plan) -> int:
    """Return when the delay of an event is announced: shortly before it would have begun."""
    return max(plan.open_us + 2 * MINUTE, plan.start_us - 2 * HOUR)


def can_move(plan: Plan) -> bool:
    """Say whether there is time to announce a delay before trading ends."""
    return notice_us(plan) < plan.end_us - MINUTE


class _Steps:
    """Collects states in order; changed metadata bumps `updated_us`, the close flip does not."""

    def __init__(self, plan: Plan) -> None:
        self.times = [plan.created_us]
        self.states = [
            State(Status.INITIALIZED, plan.created_us, plan.close_us, plan.expected_us),
        ]

    def flip(self, at_us: int, status: Status, *, close_us: int | None = None) -> None:
        """Change the status without touching `updated_us`."""
        last = self.states[-1]
        close = last.close_us if close_us is None else close_us
        self._push(at_us, replace(last, status=status, close_us=close))

    def bump(
        self,
        at_us: int,
        status: Status,
        *,
        close_us: int | None = None,
        expected_us: int | None = None,
        settled_us: int | None = None,
        revision: int | None = None,
    ) -> None:
        """Change the status and what comes with it, and say so in `updated_us`."""
        last = self.states[-1]
        state = State(
            status,
            at_us,
            last.close_us if close_us is None else close_us,
            last.expected_us if expected_us is None else expected_us,
            settled_us,
            last.revision if revision is None else revision,
        )
        self._push(at_us, state)

    def _push(self, at_us: int, state: State) -> None:
        self.times.append(at_us)
        self.states.append(state)

    def life(self) -> Life:
        """Return the finished life with its trading sessions."""
        sessions: list[tuple[int, int]] = []
        ends = [*self.times[1:], self.times[-1]]
        for begin, end, state in zip(self.times, ends, self.states, strict=True):
            if state.status is Status.ACTIVE:
                if sessions and sessions[-1][1] == begin:
                    begin = sessions.pop()[0]
                sessions.append((begin, end))
        return Life(tuple(self.times), tuple(self.states), tuple(sessions))


def build_life(plan: Plan, trouble: Trouble, rng: Random) -> Life:
    """Write down every state of a market.

    Args:
        plan: The plan before any delay; `Trouble.MOVED` delays it by a day.
        trouble: What goes wrong.
        rng: Draws the small times.
    """
    steps = _Steps(plan)
    opening = max(plan.open_us, plan.created_us)
    steps.bump(opening + rng.randrange(40_000, 400_000), Status.ACTIVE)
    if trouble in (Trouble.PAUSED, Trouble.HALTED):
        _pause(steps, plan, rng, resumes=trouble is Trouble.PAUSED)
    if trouble is Trouble.MOVED:
        moved = plan.shifted(DAY)
        steps.bump(
            notice_us(plan) + rng.randrange(SECOND),
            Status.ACTIVE,
            close_us=moved.close_us,
            expected_us=moved.expected_us,
        )
        plan = moved
    steps.flip(plan.end_us, Status.CLOSED, close_us=plan.end_us if plan.early else None)
    if trouble is Trouble.REOPENED:
        plan = _reopen(steps, plan, rng)
    _resolve(steps, plan, trouble, rng)
    return steps.life()


def _pause(steps: _Steps, plan: Plan, rng: Random, *, resumes: bool) -> None:
    room = plan.end_us - steps.times[-1]
    begin = steps.times[-1] + int(room * rng.uniform(0.15, 0.7))
    length = min(rng.randrange(5 * MINUTE, 90 * MINUTE), int(room * 0.2))
    steps.bump(begin, Status.INACTIVE)
    if resumes:
        steps.bump(begin + max(length, SECOND), Status.ACTIVE)


def _reopen(steps: _Steps, plan: Plan, rng: Random) -> Plan:
    again = plan.end_us + rng.randrange(10 * MINUTE, 40 * MINUTE)
    end = again + rng.randrange(HOUR, 3 * HOUR)
    steps.bump(again, Status.ACTIVE, close_us=end)
    steps.flip(end, Status.CLOSED)
    return replace(plan, end_us=end)


def _resolve(steps: _Steps, plan: Plan, trouble: Trouble, rng: Random) -> None:
    timer = plan.timer_s * SECOND
    wait = plan.determine_us + (3 * DAY if trouble is Trouble.STUCK else 0)
    known = plan.end_us + wait + rng.randrange(SECOND)
    steps.bump(known, Status.DETERMINED, revision=1)
    if trouble is Trouble.DISPUTED:
        disputed = known + timer // 2
        steps.bump(disputed, Status.DISPUTED)
        known = disputed + rng.randrange(20 * MINUTE, 90 * MINUTE)
        steps.bump(known, Status.AMENDED, revision=2)
    settled = known + timer + rng.randrange(SECOND)
    paid = settled + rng.randrange(20_000, 1_200_000)
    steps.bump(paid, Status.FINALIZED, settled_us=settled)
