"""Caps: how many pushes a person gets in an hour, in a day, about one market."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.caps import Cap, CapRule, Push, reached_cap

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
RULE = CapRule(per_hour=2, per_day=3, per_market=timedelta(minutes=10))


def push(number: int, minutes_ago: float = 0, *, market: int = 0, priority: int = 2) -> Push:
    at = NOW - timedelta(minutes=minutes_ago)
    return Push(UUID(int=number), priority, UUID(int=market or number), at)


@pytest.mark.parametrize(
    ("sent", "cap"),
    [
        pytest.param([], None, id="first"),
        pytest.param([push(1, 5)], None, id="second"),
        pytest.param([push(1, 5), push(2, 59)], Cap.HOUR, id="third-in-an-hour"),
        pytest.param([push(1, 5), push(2, 60)], None, id="an-hour-has-passed"),
        pytest.param([push(1, 5), push(1, 6)], None, id="two-phones-count-once"),
        pytest.param([push(9, 1), push(9, 2), push(1, 5)], None, id="itself-does-not-count"),
        pytest.param([push(1, 5), push(2, 6, priority=1)], None, id="another-class"),
        pytest.param([push(n, 61 * n) for n in (1, 2, 3)], Cap.DAY, id="fourth-in-a-day"),
        pytest.param([push(n, 480 * n) for n in (1, 2, 3)], None, id="a-day-has-passed"),
        pytest.param([push(1, 9, market=9)], Cap.MARKET, id="same-market"),
        pytest.param([push(1, 10, market=9)], None, id="ten-minutes-have-passed"),
        pytest.param([push(1, 9, market=9, priority=1)], Cap.MARKET, id="more-urgent-before"),
        pytest.param([push(1, 9, market=9, priority=3)], None, id="a-digest-silences-nothing"),
    ],
)
def test_caps(sent: list[Push], cap: Cap | None) -> None:
    assert reached_cap(RULE, push(9), sent) == cap


def test_what_got_worse_may_be_said_again() -> None:
    assert reached_cap(RULE, push(9), [push(1, 5, market=9)], is_worse=True) is None


def test_no_cap_no_end() -> None:
    rule = CapRule()
    assert not rule.are_any
    assert reached_cap(rule, push(9), [push(n, 0.1) for n in range(1, 9)]) is None
