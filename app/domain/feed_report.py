"""A feed of ticks in words, for whoever runs Alpha; `alpha doctor` and `/health/ready` agree."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.domain.freshness import Feed, FeedWord, standing

ALARM_AFTER = timedelta(minutes=1)  # a take-over takes seconds
NO_KEY = "no key: the socket needs one"
_SILENT = "its writer is gone"


@dataclass(frozen=True, slots=True)
class FeedReport:
    """One line about a feed, and whether somebody has to act."""

    state: Literal["on", "off", "failing"]
    detail: str


def report_ticks(ticks: Feed | None, reason: str | None, *, now: datetime) -> FeedReport:
    """Say how prices arrive; stale for over a minute is a failure.

    Args:
        reason: what the feed's writer said of it, if anything.
    """
    if ticks is None:
        return FeedReport("off", "no firehose has run yet")
    current = standing(ticks, now=now)
    is_failing = current.state == FeedWord.STALE and now - current.since > ALARM_AFTER
    if current is not ticks:
        reason = _SILENT
    elif current.state == FeedWord.POLLING:
        reason = reason or NO_KEY
    detail = f"{current.state} since {current.since:%Y-%m-%d %H:%M:%S} UTC"
    return FeedReport(
        "failing" if is_failing else "on", f"{detail} ({reason})" if reason else detail
    )
