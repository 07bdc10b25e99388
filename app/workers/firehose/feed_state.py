"""How true the firehose's prices are, in one word for everybody who shows or uses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.types import Exchange
from app.services.ports import StreamPhase, StreamState

OLD_AFTER = timedelta(seconds=25)  # without a whole stream, prices are called old


@dataclass(frozen=True, slots=True)
class FeedView:
    """A row of `feed_states`: `live`, `degraded`, `stale` or `polling`, and why."""

    state: str
    reason: str

    @property
    def is_true(self) -> bool:
        """Whether all prices are known to be true at this moment."""
        return self.state == "live"


def ticks_feed(exchange: Exchange) -> str:
    """Return the name of an exchange's feed of prices."""
    return f"{exchange}.ticks"


def view_of_stream(stream: StreamState, *, is_behind: bool, now: datetime) -> FeedView:
    """Say what a stream's phase means for prices.

    Args:
        is_behind: windows are still to be asked for at the exchange.
    """
    if stream.phase is StreamPhase.LIVE:
        return FeedView("degraded", "catching up") if is_behind else FeedView("live", "subscribed")
    if stream.phase is StreamPhase.DEGRADED and now - stream.since <= OLD_AFTER:
        return FeedView("degraded", stream.reason)
    return FeedView("stale", stream.reason)


def to_detail(view: FeedView, **more: object) -> Mapping[str, object]:
    """Return the `detail` of the row."""
    return {"reason": view.reason, **{key: told for key, told in more.items() if told}}
