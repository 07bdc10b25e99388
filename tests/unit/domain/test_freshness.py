"""How old what we show is."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.freshness import catalogue_feed, full_sync, is_stale, true_at
from app.domain.types import Exchange

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD = NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("quoted", "feed", "expected"),
    [
        pytest.param(NOW, OLD, NOW, id="the quote is newer"),
        pytest.param(OLD, NOW, NOW, id="the feed is newer"),
        pytest.param(None, OLD, OLD, id="no quote"),
        pytest.param(OLD, None, OLD, id="no feed"),
        pytest.param(None, None, None, id="neither"),
    ],
)
def test_true_at(quoted: datetime | None, feed: datetime | None, expected: datetime | None) -> None:
    assert true_at(quoted, feed) == expected


@pytest.mark.parametrize(
    ("age", "state", "expected"),
    [
        pytest.param(timedelta(0), "live", False, id="now"),
        pytest.param(timedelta(minutes=20), "live", False, id="20 minutes"),
        pytest.param(timedelta(minutes=20, microseconds=1), "live", True, id="over 20 minutes"),
        pytest.param(timedelta(0), "stale", True, id="the feed says so"),
        pytest.param(timedelta(0), "degraded", False, id="degraded is not stale"),
        pytest.param(timedelta(0), None, False, id="a feed that never spoke"),
        pytest.param(None, "live", True, id="unknown age"),
    ],
)
def test_is_stale(age: timedelta | None, state: str | None, expected: bool) -> None:
    as_of = None if age is None else NOW - age

    assert is_stale(as_of, state, now=NOW) is expected


def test_names_of_feeds_and_runs() -> None:
    assert catalogue_feed(Exchange.KALSHI) == "kalshi.catalogue"
    assert full_sync(Exchange.KALSHI) == "kalshi_full_sync"
