"""Holes in an exchange's ticks: what they hide is no move, however large."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from app.core.database import Conn
from app.domain.detections import Detection
from app.domain.freshness import FeedWord, ticks_feed
from app.domain.types import Exchange
from app.store import feeds
from app.store.feeds import FeedState

log = structlog.get_logger()

QUIET = timedelta(seconds=30)  # after a hole
WHOLE = frozenset({FeedWord.LIVE, FeedWord.POLLING})


def quiet_until(state: FeedState, now: datetime) -> datetime:
    """Return until when nothing is to be found in markets of a feed."""
    return (state.since if state.state in WHOLE else now) + QUIET


async def without_gaps(
    conn: Conn, exchange: Exchange, found: Sequence[Detection], now: datetime
) -> Sequence[Detection]:
    """Leave out detections that began before their feed was whole, as it stands at this moment.

    The firehose tells of a hole before it hands on what came behind it.
    """
    states = {state.feed: state for state in await feeds.list_feed_states(conn)}
    ticks = states.get(ticks_feed(exchange))
    if ticks is None:
        whole = list(found)
    elif ticks.state in WHOLE and now >= quiet_until(ticks, now):
        whole = [each for each in found if each.started_at >= ticks.since]
    else:
        whole = []
    if len(whole) < len(found):
        log.info("detection.doubted", count=len(found) - len(whole))
    return whole
