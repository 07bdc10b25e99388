"""The clock can be shifted and can be virtual, and never goes back."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock import SystemClock, VirtualClock

START = datetime(2026, 8, 9, 21, tzinfo=UTC)


def test_a_shifted_clock_begins_where_told() -> None:
    assert timedelta() <= SystemClock(START).now() - START < timedelta(seconds=5)


async def test_sleeping_moves_a_virtual_clock_and_costs_no_time() -> None:
    clock = VirtualClock(START)
    await clock.sleep(86_400)
    assert clock.now() == START + timedelta(days=1)
    assert clock.monotonic() == 86_400


def test_a_virtual_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="back"):
        VirtualClock(START).advance(timedelta(seconds=-1))
