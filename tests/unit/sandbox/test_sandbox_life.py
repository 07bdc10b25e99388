"""The life of a market: legal steps only, and what each does to `updated_us`."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world.eastern import to_us
from sandbox.world.life import LEGAL, Plan, Trouble, build_life, draw_trouble
from sandbox.world.model import Life, Status
from sandbox.world.units import DAY, HOUR, MINUTE, SECOND

START = to_us(datetime(2026, 11, 25, 0, 30, tzinfo=UTC))
PLAN = Plan(
    created_us=START - 3 * DAY,
    open_us=START - 3 * DAY + 10 * MINUTE,
    start_us=START,
    end_us=START + 150 * MINUTE,
    close_us=START + 2 * DAY,
    expected_us=START + 3 * HOUR,
    timer_s=120,
    determine_us=90 * SECOND,
    early=True,
)


def words(life: Life) -> list[str]:
    return [state.status.value for state in life.states]


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        pytest.param(
            Trouble.NONE, "initialized active closed determined finalized", id="undisturbed"
        ),
        pytest.param(
            Trouble.PAUSED,
            "initialized active inactive active closed determined finalized",
            id="paused",
        ),
        pytest.param(
            Trouble.HALTED, "initialized active inactive closed determined finalized", id="halted"
        ),
        pytest.param(
            Trouble.MOVED, "initialized active active closed determined finalized", id="moved"
        ),
        pytest.param(
            Trouble.REOPENED,
            "initialized active closed active closed determined finalized",
            id="reopened",
        ),
        pytest.param(
            Trouble.DISPUTED,
            "initialized active closed determined disputed amended finalized",
            id="disputed",
        ),
        pytest.param(Trouble.STUCK, "initialized active closed determined finalized", id="stuck"),
    ],
)
def test_steps_of_each_trouble(trouble: Trouble, expected: str) -> None:
    assert words(build_life(PLAN, trouble, random.Random(1))) == expected.split()


@given(st.sampled_from(Trouble), st.integers(0, 10_000))
def test_every_life_is_legal_and_moves_forward(trouble: Trouble, seed: int) -> None:
    life = build_life(PLAN, trouble, random.Random(seed))
    assert list(life.times) == sorted(set(life.times))
    for before, after in zip(life.states, life.states[1:], strict=False):
        assert after.status in LEGAL[before.status]
    assert life.states[-1].status is Status.FINALIZED


@given(st.sampled_from(Trouble), st.integers(0, 10_000))
def test_only_the_close_flip_leaves_updated_time_alone(trouble: Trouble, seed: int) -> None:
    life = build_life(PLAN, trouble, random.Random(seed))
    for at_us, before, after in zip(life.times[1:], life.states, life.states[1:], strict=False):
        if after.status is Status.CLOSED:
            assert after.updated_us == before.updated_us
        else:
            assert after.updated_us == at_us > before.updated_us


def test_an_early_end_moves_the_close_date_to_it() -> None:
    life = build_life(PLAN, Trouble.NONE, random.Random(1))
    assert life.states[1].close_us == PLAN.close_us
    assert life.states[2].close_us == PLAN.end_us


def test_settlement_follows_the_timer_and_bumps_within_seconds() -> None:
    life = build_life(PLAN, Trouble.NONE, random.Random(1))
    determined, final = life.states[-2:]
    assert final.settled_us is not None
    assert 0 <= final.settled_us - determined.updated_us - PLAN.timer_s * SECOND < SECOND
    assert 0 < final.updated_us - final.settled_us <= 1.2 * SECOND


def test_a_moved_event_is_announced_before_and_ends_a_day_later() -> None:
    life = build_life(PLAN, Trouble.MOVED, random.Random(1))
    assert life.times[2] < PLAN.start_us
    assert life.states[2].close_us == PLAN.close_us + DAY
    assert life.times[3] == PLAN.end_us + DAY


def test_trading_sessions_leave_out_the_pause() -> None:
    life = build_life(PLAN, Trouble.PAUSED, random.Random(1))
    assert [begin for begin, _ in life.sessions] == [life.times[1], life.times[3]]
    assert [end for _, end in life.sessions] == [life.times[2], life.times[4]]


def test_a_dispute_makes_a_second_result() -> None:
    life = build_life(PLAN, Trouble.DISPUTED, random.Random(1))
    assert [state.revision for state in life.states] == [0, 0, 0, 1, 1, 2, 2]


def test_state_lookup_at_the_borders() -> None:
    life = build_life(PLAN, Trouble.NONE, random.Random(1))
    assert life.at(PLAN.created_us - 1) is None
    assert life.at(PLAN.created_us) is life.states[0]
    assert life.before(PLAN.created_us) is None
    assert life.at(life.times[2] - 1) is life.states[1]
    assert life.at(life.times[2]) is life.states[2]
    assert life.before(life.times[2]) is life.states[1]


def test_most_events_are_undisturbed() -> None:
    rng = random.Random(3)
    drawn = Counter(draw_trouble(rng) for _ in range(10_000))
    assert set(drawn) == set(Trouble)
    assert drawn[Trouble.NONE] > 7_500
