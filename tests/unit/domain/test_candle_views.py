"""Which buckets a window of candles holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.candle_views import CandleInterval, CandleWindow, next_bucket

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "interval", "bucket"),
    [
        pytest.param("12:00:00", "15m", "12:00:00", id="a start is its own"),
        pytest.param("12:00:00.000001", "15m", "12:15:00", id="just behind"),
        pytest.param("12:14:59", "5m", "12:15:00", id="5m"),
        pytest.param("12:14:59", "1m", "12:15:00", id="1m"),
        pytest.param("12:14:59", "1h", "13:00:00", id="1h"),
    ],
)
def test_next_bucket(at: str, interval: str, bucket: str) -> None:
    found = next_bucket(datetime.fromisoformat(f"2026-11-22T{at}+00:00"), CandleInterval(interval))

    assert found == datetime.fromisoformat(f"2026-11-22T{bucket}+00:00")


def test_a_day_starts_at_midnight_utc_wherever_the_asker_is() -> None:
    asked = datetime.fromisoformat("2026-11-22T23:30:00-05:00")

    assert next_bucket(asked, CandleInterval.DAY) == datetime(2026, 11, 24, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(CandleInterval))
def test_the_next_bucket_is_the_first_one(at: datetime, interval: CandleInterval) -> None:
    if at.year in (1, 9999):
        return  # refused at the door
    bucket = next_bucket(at, interval)

    assert timedelta() <= bucket - at < interval.length
    assert (bucket - EPOCH) % interval.length == timedelta()


def test_an_open_window_has_no_bounds() -> None:
    window = CandleWindow(CandleInterval.HOUR)

    assert (window.first_bucket(), window.end_bucket()) == (None, None)
