"""Quiet hours on a person's own clock: across midnight, and on both days when clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.quiet_hours import QuietHours, quiet_until

NEW_YORK = "America/New_York"
NIGHT = ("22:00", "07:00")


def hours(start: str, end: str, zone: str = NEW_YORK) -> QuietHours:
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end), zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CASES = [
    pytest.param(NIGHT, "2026-11-23 02:59", None, id="a-minute-before-ten"),
    pytest.param(NIGHT, "2026-11-23 03:00", "2026-11-23 12:00", id="ten-sharp"),
    pytest.param(NIGHT, "2026-11-23 05:30", "2026-11-23 12:00", id="after-midnight"),
    pytest.param(NIGHT, "2026-11-23 11:59:59", "2026-11-23 12:00", id="last-second"),
    pytest.param(NIGHT, "2026-11-23 12:00", None, id="seven-sharp"),
    pytest.param(("13:00", "14:00"), "2026-11-23 18:30", "2026-11-23 19:00", id="nap"),
    pytest.param(("13:00", "14:00"), "2026-11-23 19:00", None, id="after-the-nap"),
    pytest.param(("00:00", "06:00"), "2026-11-23 05:00", "2026-11-23 11:00", id="from-midnight"),
    pytest.param(("18:00", "00:00"), "2026-11-23 04:59", "2026-11-23 05:00", id="to-midnight"),
    pytest.param(("08:00", "08:00"), "2026-11-23 13:00", None, id="no-window"),
    # 2027-03-14: at 02:00 it is 03:00 (07:00 UTC)
    pytest.param(NIGHT, "2027-03-14 06:00", "2027-03-14 11:00", id="spring-night-is-shorter"),
    pytest.param(("22:00", "02:30"), "2027-03-14 06:59", "2027-03-14 07:00", id="skipped-end"),
    pytest.param(("22:00", "02:30"), "2027-03-14 07:00", None, id="after-a-skipped-end"),
    pytest.param(("02:30", "05:00"), "2027-03-14 06:59", None, id="before-a-skipped-start"),
    pytest.param(("02:30", "05:00"), "2027-03-14 07:00", "2027-03-14 09:00", id="skipped-start"),
    pytest.param(("02:10", "02:50"), "2027-03-14 07:00", None, id="a-window-that-is-skipped"),
    # 2026-11-01: at 02:00 it is 01:00 again (06:00 UTC)
    pytest.param(NIGHT, "2026-11-01 05:00", "2026-11-01 12:00", id="autumn-night-is-longer"),
    pytest.param(("22:00", "01:30"), "2026-11-01 05:45", "2026-11-01 06:30", id="end-comes-twice"),
    pytest.param(
        ("22:00", "01:30"), "2026-11-01 06:29", "2026-11-01 06:30", id="second-one-thirty"
    ),
    pytest.param(("22:00", "01:30"), "2026-11-01 06:30", None, id="after-the-second"),
    pytest.param(
        ("01:30", "04:00"), "2026-11-01 05:30", "2026-11-01 09:00", id="start-comes-twice"
    ),
    pytest.param(("01:30", "04:00"), "2026-11-01 06:10", "2026-11-01 09:00", id="between-both"),
]


@pytest.mark.parametrize(("window", "now", "until"), CASES)
def test_in_new_york(window: tuple[str, str], now: str, until: str | None) -> None:
    found = quiet_until(hours(*window), utc(now))
    assert found == (None if until is None else utc(until))


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        pytest.param("Asia/Kolkata", "2026-11-23 01:30", id="half-an-hour-off"),
        pytest.param("Australia/Sydney", None, id="morning-there"),
        pytest.param("UTC", "2026-11-23 07:00", id="utc"),
        pytest.param("No/Such_Zone", "2026-11-23 07:00", id="unknown-is-utc"),
        pytest.param("../../etc/passwd", "2026-11-23 07:00", id="nonsense-is-utc"),
        pytest.param("", "2026-11-23 07:00", id="empty-is-utc"),
    ],
)
def test_each_by_their_own_zone(zone: str, until: str | None) -> None:
    found = quiet_until(hours(*NIGHT, zone), utc("2026-11-22 23:00"))
    assert found == (None if until is None else utc(until))


TIMES = st.times().map(lambda found: found.replace(second=0, microsecond=0, fold=0))
MOMENTS = st.integers(0, 160 * 24 * 60).map(
    lambda minutes: utc("2026-10-25") + timedelta(minutes=minutes)
)
ZONES = st.sampled_from([NEW_YORK, "Europe/London", "Australia/Lord_Howe", "America/Phoenix"])


@given(TIMES, TIMES, MOMENTS, ZONES)
def test_it_ends_later_and_not_too_late_and_then_it_is_over(
    start: time, end: time, now: datetime, zone: str
) -> None:
    window = QuietHours(start, end, zone)
    until = quiet_until(window, now)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(window, until) is None


@given(TIMES, TIMES, MOMENTS, ZONES)
def test_quiet_whenever_the_clock_on_the_wall_says_so(
    start: time, end: time, now: datetime, zone: str
) -> None:
    wall = now.astimezone(ZoneInfo(zone)).time()
    within = start <= wall < end if start <= end else wall >= start or wall < end
    if within:
        assert quiet_until(QuietHours(start, end, zone), now) is not None
