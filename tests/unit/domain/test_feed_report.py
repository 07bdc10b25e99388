"""What doctor and health say of a feed of ticks."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.feed_report import FeedReport, report_ticks
from app.domain.freshness import Feed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JUST = NOW - timedelta(seconds=2)
MINUTE_AGO = NOW - timedelta(minutes=1)
LONG_AGO = NOW - timedelta(hours=2)


@pytest.mark.parametrize(
    ("ticks", "reason", "state", "detail"),
    [
        pytest.param(None, None, "off", "no firehose has run yet", id="never"),
        pytest.param(
            Feed("live", LONG_AGO, JUST),
            None,
            "on",
            "live since 2026-11-22 10:00:00 UTC",
            id="live",
        ),
        pytest.param(
            Feed("polling", LONG_AGO, JUST),
            None,
            "on",
            "polling since 2026-11-22 10:00:00 UTC (no key: the socket needs one)",
            id="polling explains itself",
        ),
        pytest.param(
            Feed("degraded", JUST, JUST),
            "reconciling 40 s",
            "on",
            "degraded since 2026-11-22 11:59:58 UTC (reconciling 40 s)",
            id="degraded, with its reason",
        ),
        pytest.param(
            Feed("stale", MINUTE_AGO, JUST),
            "no data for 8 s",
            "on",
            "stale since 2026-11-22 11:59:00 UTC (no data for 8 s)",
            id="stale for a minute may still come back",
        ),
        pytest.param(
            Feed("stale", MINUTE_AGO - timedelta(seconds=1), JUST),
            None,
            "failing",
            "stale since 2026-11-22 11:58:59 UTC",
            id="stale for over a minute",
        ),
        pytest.param(
            Feed("live", LONG_AGO, LONG_AGO),
            None,
            "failing",
            "stale since 2026-11-22 10:00:00 UTC (its writer is gone)",
            id="live, but silent",
        ),
    ],
)
def test_report(ticks: Feed | None, reason: str | None, state: str, detail: str) -> None:
    found = report_ticks(ticks, reason, now=NOW)

    assert (found.state, found.detail) == (state, detail)
    assert isinstance(found, FeedReport)
