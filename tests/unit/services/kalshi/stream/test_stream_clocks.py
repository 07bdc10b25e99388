"""Delays, numbers and silences: what needs no socket."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.kalshi.stream.limits import StreamLimits
from app.services.kalshi.stream.reconnect import Reconnect
from app.services.kalshi.stream.sequence import PASSED, Sequences
from app.services.kalshi.stream.watchdog import Watchdog

UNHURRIED = settings(deadline=None)


class Highest(random.Random):
    """Dice that always show the highest number."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_delay_doubles_up_to_half_a_minute() -> None:
    reconnect = Reconnect(Highest())
    delays = [reconnect.next_delay_s() for _ in range(9)]
    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_only_healthy_data_starts_delays_anew() -> None:
    reconnect = Reconnect(Highest())
    for _ in range(3):
        reconnect.next_delay_s()
    reconnect.connected()
    assert reconnect.next_delay_s() == 4
    reconnect.healthy()
    assert reconnect.next_delay_s() == 0.5


@given(st.integers(0, 2_000), st.randoms(use_true_random=False))
@UNHURRIED
def test_delay_is_anything_up_to_its_ceiling(attempts: int, dice: random.Random) -> None:
    reconnect = Reconnect(dice)
    for _ in range(min(attempts, 50)):
        reconnect.next_delay_s()
    assert 0 <= reconnect.next_delay_s() <= 30


@pytest.mark.parametrize(
    ("asked_s", "delay_s"), [(None, 10.5), (2.0, 10.5), (25.0, 25.5), (1e9, 60.5)]
)
def test_rate_limit_has_a_floor(asked_s: float | None, delay_s: float) -> None:
    reconnect = Reconnect(Highest())
    assert reconnect.next_delay_s(is_rate_limited=True, asked_s=asked_s) == delay_s


def test_three_refusals_in_a_row() -> None:
    reconnect = Reconnect()
    assert [reconnect.refused(), reconnect.refused()] == [False, False]
    reconnect.connected()
    assert [reconnect.refused() for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("numbers", "missed"),
    [
        pytest.param([1, 2, 3], [0, 0, 0], id="none"),
        pytest.param([2], [1], id="the-first"),
        pytest.param([1, 5, 6], [0, 3, 0], id="some"),
        pytest.param([1, 1, 2], [0, PASSED, 0], id="repeat"),
        pytest.param([1, 3, 2, 4], [0, 1, PASSED, 0], id="late"),
    ],
)
def test_numbers(numbers: list[int], missed: list[int]) -> None:
    sequences = Sequences()
    sequences.begin(7)
    assert [sequences.missed(7, number) for number in numbers] == missed


def test_numbers_of_others_are_nobodys() -> None:
    sequences = Sequences()
    assert sequences.missed(7, 500) == 0
    sequences.begin(7)
    sequences.begin(7)
    assert sequences.missed(7, 1) == 0
    sequences.end(7)
    assert sequences.missed(7, 900) == 0


@given(st.sets(st.integers(1, 200), min_size=1))
@UNHURRIED
def test_all_that_did_not_come_is_missed(numbers: set[int]) -> None:
    sequences = Sequences()
    sequences.begin(1)
    missed = sum(sequences.missed(1, number) for number in sorted(numbers))
    assert missed == max(numbers) - len(numbers)


@pytest.fixture
def watchdog() -> Watchdog:
    dog = Watchdog(StreamLimits(), 1_000)
    dog.connected(1_000)
    dog.hear(1, 1_000)
    return dog


def test_line_is_dead_after_25_s_without_a_sign(watchdog: Watchdog) -> None:
    assert not watchdog.is_line_dead(1_024.9)
    assert watchdog.is_line_dead(1_025)
    watchdog.hear(1, 1_024)
    assert watchdog.is_line_dead(1_025), "the same number is no sign"
    watchdog.hear(2, 1_024)
    assert not watchdog.is_line_dead(1_048.9)


def test_new_line_is_alive(watchdog: Watchdog) -> None:
    watchdog.connected(1_030)
    assert not watchdog.is_line_dead(1_054)


def test_ping_every_ten_seconds(watchdog: Watchdog) -> None:
    assert [at for at in range(1_000, 1_031) if watchdog.wants_ping(at)] == [1_010, 1_020, 1_030]


def test_subscription_is_overdue_after_five_seconds(watchdog: Watchdog) -> None:
    assert not watchdog.is_overdue(None, 9_999)
    assert not watchdog.is_overdue(1_000, 1_004.9)
    assert watchdog.is_overdue(1_000, 1_005)


def test_silence_is_over_all_lines_and_of_this_one(watchdog: Watchdog) -> None:
    assert watchdog.silence_s(1_020) == 0, "not subscribed"
    watchdog.subscribed(1_010)
    watchdog.subscribed(1_015)
    assert watchdog.silence_s(1_030) == 20
    assert watchdog.is_silent(1_025)
    watchdog.ticked(1_026)
    assert not watchdog.is_silent(1_050)
    watchdog.connected(1_040)
    assert watchdog.is_silent(1_051), "a new line brings no ticks by itself"
    assert watchdog.silence_s(1_051) == 0


def test_our_own_standstill_is_not_theirs(watchdog: Watchdog) -> None:
    watchdog.subscribed(1_000)
    watchdog.look(1_001)
    watchdog.look(1_041)
    assert not watchdog.is_line_dead(1_041)
    assert not watchdog.is_silent(1_041)
    assert watchdog.silence_s(1_041) == 1
    assert watchdog.is_line_dead(1_065)


def test_slow_looks_are_no_standstill(watchdog: Watchdog) -> None:
    for at in range(1_000, 1_030, 4):
        watchdog.look(at)
    assert watchdog.is_line_dead(1_028)
