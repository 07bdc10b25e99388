"""Three clocks of one stream: the line, the subscriptions, the data. Seconds, monotonic."""

from app.services.kalshi.stream.limits import StreamLimits


class Watchdog:
    """Knows since when nothing was heard; what to do about it is the caller's business."""

    def __init__(self, limits: StreamLimits, now: float) -> None:
        self._limits = limits
        self._looked_at = now
        self._ticked_at = now
        self._heard_at = now
        self._pinged_at = now
        self._live_at: float | None = None
        self._heard: int | None = None

    def look(self, now: float) -> None:
        """Forgive the time in which we ourselves stood still (a stopped process, a long step)."""
        late = now - self._looked_at
        self._looked_at = now
        if late > self._limits.paused_s:
            self._ticked_at += late
            self._heard_at += late
            if self._live_at is not None:
                self._live_at += late

    def connected(self, now: float) -> None:
        """Begin with a new line."""
        self._heard_at = self._pinged_at = now
        self._heard = None
        self._live_at = None

    def subscribed(self, now: float) -> None:
        """Note that all subscriptions exist; the first time counts."""
        if self._live_at is None:
            self._live_at = now

    def hear(self, heard: int, now: float) -> None:
        """Note how much was heard on the line so far."""
        if heard != self._heard:
            self._heard, self._heard_at = heard, now

    def ticked(self, now: float) -> None:
        """Note a tick."""
        self._ticked_at = now

    def is_line_dead(self, now: float) -> bool:
        """Whether nothing at all was heard for too long."""
        return now - self._heard_at >= self._limits.transport_s

    def wants_ping(self, now: float) -> bool:
        """Whether it is time for a ping; counts as sent."""
        if now - self._pinged_at < self._limits.ping_s:
            return False
        self._pinged_at = now
        return True

    def is_overdue(self, asked_at: float | None, now: float) -> bool:
        """Whether a subscribe command of `asked_at` should have been answered by now."""
        return asked_at is not None and now - asked_at >= self._limits.subscribe_s

    def is_silent(self, now: float) -> bool:
        """Whether no tick came for as long as a stream may be quiet, over all connections."""
        return now - self._ticked_at >= self._limits.stale_s

    def silence_s(self, now: float) -> float:
        """Return for how long this connection, fully subscribed, has brought no tick."""
        return 0.0 if self._live_at is None else now - max(self._ticked_at, self._live_at)
