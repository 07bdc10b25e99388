"""The channels we read, and what is known of each across connections."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.services.ports import StreamKind

_NAMES = {
    StreamKind.LIFECYCLE: "market_lifecycle_v2",
    StreamKind.TRADES: "trade",
    StreamKind.TICKS: "ticker",
}


@dataclass(slots=True)
class Channel:
    """One channel of all markets.

    Attributes:
        complete_until: our clock; until then nothing was missed. None = nothing is known.
        gap_reason: why a gap is open, to be told with the next `subscribed`; None = none is.
        sid: of the subscription on this connection, None = there is none.
        asked_at: monotonic seconds of the subscribe command that was not answered yet.
        ended_at: the same, of the last time a subscription ended by itself.
    """

    kind: StreamKind
    name: str
    complete_until: datetime | None
    gap_reason: str | None = "started"
    sid: int | None = None
    command_id: int | None = None
    asked_at: float | None = None
    ended_at: float | None = None

    def lose(self, reason: str) -> None:
        """Note that the subscription is gone; the first reason of a gap stays."""
        self.sid = self.asked_at = self.command_id = None
        if self.gap_reason is None:
            self.gap_reason = reason


def make_channels(since: datetime | None) -> list[Channel]:
    """Make all channels, those first that must miss the least."""
    return [Channel(kind, name, since) for kind, name in _NAMES.items()]


def subscribe_text(command_id: int, channel: Channel) -> str:
    """Return the command that subscribes to all markets."""
    return _command(command_id, "subscribe", {"channels": [channel.name]})


def unsubscribe_text(command_id: int, sid: int) -> str:
    """Return the command that ends a subscription."""
    return _command(command_id, "unsubscribe", {"sids": [sid]})


def _command(command_id: int, cmd: str, params: dict[str, object]) -> str:
    return msgspec.json.encode({"id": command_id, "cmd": cmd, "params": params}).decode()
