"""Windows in which something of a stream may be missing, merged until they are asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.services.ports import StreamGap, StreamKind


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` (None = unknown) to `until`."""

    since: datetime | None
    until: datetime

    def merged(self, other: "Window") -> "Window":
        """Return the one window that covers both."""
        since = None
        if self.since is not None and other.since is not None:
            since = min(self.since, other.since)
        return Window(since, max(self.until, other.until))

    def is_longer(self, length: timedelta) -> bool:
        """Tell whether it is, or may be, longer than `length`."""
        return self.since is None or self.until - self.since > length

    def newest(self, length: timedelta) -> tuple[datetime, datetime]:
        """Return begin and end of its newest part, at most `length` of it."""
        earliest = self.until - length
        return (earliest if self.since is None else max(self.since, earliest)), self.until


class GapBook:
    """What is still to be asked for: one window of each kind, however many gaps there were."""

    def __init__(self) -> None:
        """Begin with nothing missing."""
        self._windows: dict[StreamKind, Window] = {}
        self._asking = 0

    def __bool__(self) -> bool:
        """Tell whether anything waits or is being asked for."""
        return bool(self._windows or self._asking)

    def note(self, gap: StreamGap) -> None:
        """Add a gap."""
        self.put_back(gap.kind, Window(gap.since, gap.until))

    def take(self, *kinds: StreamKind) -> Window | None:
        """Hand over what waits of these kinds as one window; `done` or `put_back` ends that."""
        taken = [window for kind in kinds if (window := self._windows.pop(kind, None))]
        if not taken:
            return None
        self._asking += 1
        first, *others = taken
        for window in others:
            first = first.merged(window)
        return first

    def done(self) -> None:
        """End what `take` began."""
        self._asking -= 1

    def put_back(self, kind: StreamKind, window: Window) -> None:
        """Have a window asked for (again)."""
        known = self._windows.get(kind)
        self._windows[kind] = window if known is None else known.merged(window)
