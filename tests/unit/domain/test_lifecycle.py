"""The exchange's word, and the clock for what no one announces."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lifecycle import status_at
from app.domain.types import MarketStatus

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
S = MarketStatus


@pytest.mark.parametrize(
    ("word", "open_at", "close_at", "expected"),
    [
        pytest.param(S.UPCOMING, AFTER, None, S.UPCOMING, id="not-yet"),
        pytest.param(S.UPCOMING, NOW, AFTER, S.OPEN, id="opens-on-the-second"),
        pytest.param(S.UPCOMING, BEFORE, BEFORE, S.CLOSED, id="slept-through"),
        pytest.param(S.UPCOMING, None, None, S.UPCOMING, id="no-times-known"),
        pytest.param(S.OPEN, BEFORE, NOW, S.CLOSED, id="closes-on-the-second"),
        pytest.param(S.OPEN, BEFORE, AFTER, S.OPEN, id="trading"),
        pytest.param(S.PAUSED, BEFORE, AFTER, S.PAUSED, id="a-pause-is-the-exchanges-to-end"),
        pytest.param(S.PAUSED, BEFORE, BEFORE, S.CLOSED, id="paused-and-over"),
        pytest.param(S.DISPUTED, BEFORE, BEFORE, S.DISPUTED, id="disputed-stays"),
        pytest.param(S.UNKNOWN, BEFORE, BEFORE, S.UNKNOWN, id="unknown-stays"),
    ],
)
def test_status_at(
    word: MarketStatus,
    open_at: datetime | None,
    close_at: datetime | None,
    expected: MarketStatus,
) -> None:
    assert status_at(word, open_at=open_at, close_at=close_at, now=NOW) is expected


MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))


@given(st.sampled_from(MarketStatus), MOMENTS, MOMENTS)
def test_asking_twice_changes_nothing(
    word: MarketStatus, open_at: datetime | None, close_at: datetime | None
) -> None:
    once = status_at(word, open_at=open_at, close_at=close_at, now=NOW)
    assert status_at(once, open_at=open_at, close_at=close_at, now=NOW) is once
