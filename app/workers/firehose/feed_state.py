"""How true the firehose's prices are, in one word for everybody who shows or uses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.freshness import FeedWord
from app.services.ports import StreamPhase, StreamState

# Without a whole stream prices are called old, unless it was heard by then (it asks after
# 25 s) that nothing is dealt.
OLD_AFTER = timedelta(seconds=26)


@dataclass(frozen=True, slots=True)
class FeedView:
    """A row of `feed_states`: how a feed is, and why."""

    state: FeedWord
    reason: str

    @property
    def is_true(self) -> bool:
        """Whether all prices are known to be true at this moment."""
        return self.state is FeedWord.LIVE


def view_of_stream(stream: StreamState, *, is_behind: bool, now: datetime) -> FeedView:
    """Say what a stream's phase means for prices.

    Args:
        is_behind: windows are still to be asked for at the exchange.
    """
    if stream.phase is StreamPhase.LIVE:
        if is_behind:
            return FeedView(FeedWord.DEGRADED, "catching up")
        return FeedView(FeedWord.LIVE, "subscribed")
    if stream.phase is StreamPhase.DEGRADED and now - stream.since <= OLD_AFTER:
        return FeedView(FeedWord.DEGRADED, stream.reason)
    return FeedView(FeedWord.STALE, stream.reason)


def to_detail(view: FeedView, **more: object) -> Mapping[str, object]:
    """Return the `detail` of the row."""
    return {"reason": view.reason, **{key: told for key, told in more.items() if told}}
