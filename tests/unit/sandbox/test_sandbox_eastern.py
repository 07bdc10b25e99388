"""Eastern time and ticker codes without a time zone database."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from sandbox.world import eastern


def test_codes() -> None:
    day = date(2026, 11, 22)
    assert eastern.day_code(day) == "26NOV22"
    assert eastern.month_code(day) == "26NOV"
    assert eastern.day_words(day) == "Nov 22"
    assert eastern.clock_code(19 * 60 + 5) == "1905"


def test_microseconds_there_and_back() -> None:
    moment = datetime(2026, 6, 14, 7, 33, 32, 558680, tzinfo=UTC)
    assert eastern.from_us(eastern.to_us(moment)) == moment


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 3, 7), -5, id="day-before-spring"),
        pytest.param(date(2026, 3, 8), -4, id="spring-forward"),
        pytest.param(date(2026, 10, 31), -4, id="day-before-autumn"),
        pytest.param(date(2026, 11, 1), -5, id="fall-back"),
    ],
)
def test_offset_changes_with_the_season(day: date, hours: int) -> None:
    assert eastern.offset_hours(day) == hours


def test_evenings_agree_with_the_time_zone_database() -> None:
    try:
        zone = ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        pytest.skip("no time zone database here")
    for day in range(20_500, 21_300):
        local = eastern.date_of(day)
        expected = datetime(local.year, local.month, local.day, 19, 5, tzinfo=zone)
        at_us = eastern.eastern_us(local, 19 * 60 + 5)
        assert at_us == eastern.to_us(expected)
        assert eastern.local_time(at_us).strftime("%H:%M") == "19:05"
