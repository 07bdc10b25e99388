"""Holes in an exchange's ticks: what they hide is no move, however large."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from app.core.database import Conn
from app.domain.detections import Detection
from app.domain.freshness import TICKS_SUFFIX, FeedWord
from app.store import feeds
from app.store.feeds import FeedState

log = structlog.get_logger()

QUIET = timedelta(seconds=30)  # after a hole
WHOLE = frozenset({FeedWord.LIVE, FeedWord.POLLING})


def quiet_until(state: FeedState, now: datetime) -> datetime:
    """Return until when nothing is to be found in markets of a feed."""
    return (state.since if state.state in WHOLE else now) + QUIET


async def without_gaps(
    conn: Conn, found: Sequence[Detection], now: datetime
) -> Sequence[Detection]:
    """Leave out detections that began before the feed was whole, as it stands at this moment.

    The firehose tells of a hole before it hands on what came behind it.
    """
    states = await feeds.list_feed_states(conn)
    ticks = [state for state in states if state.feed.endswith(TICKS_SUFFIX)]
    if all(state.state in WHOLE and now >= quiet_until(state, now) for state in ticks):
        since = max((state.since for state in ticks), default=None)
        whole = [each for each in found if since is None or each.started_at >= since]
    else:
        whole = []
    if len(whole) < len(found):
        log.info("detection.doubted", count=len(found) - len(whole))
    return whole
