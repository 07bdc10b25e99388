"""What the stream client has seen, for metrics and the doctor."""

from collections import Counter
from dataclasses import dataclass, field

_MAX_NAMES = 50
OTHERS = "(others)"


@dataclass(slots=True)
class StreamCounters:
    """Totals since the process began.

    Attributes:
        unknown: messages of kinds we do not read, by kind.
        unreadable: messages of kinds we read that are not as documented, by kind.
        broken: messages that are not JSON objects.
        errors: error messages of Kalshi, by code.
        missed: messages that never came, by their numbers.
        repeated: messages whose number had been passed.
    """

    frames: int = 0
    ticks: int = 0
    trades: int = 0
    lifecycle: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    binary: int = 0
    oversize: int = 0
    errors: Counter[int] = field(default_factory=Counter)
    missed: int = 0
    repeated: int = 0
    gaps: int = 0
    connections: int = 0
    failed_connections: int = 0
    resubscriptions: int = 0

    @property
    def unread(self) -> int:
        """Messages that gave nothing, whatever the reason."""
        return self.unknown.total() + self.unreadable.total() + self.broken + self.binary

    def count_unknown(self, kind: str) -> None:
        """Count a kind; a hostile sender's many kinds are one."""
        known = kind[:40]
        if known not in self.unknown and len(self.unknown) >= _MAX_NAMES:
            known = OTHERS
        self.unknown[known] += 1

    def count_error(self, code: int) -> None:
        """Count a code of an `error` message; absurd ones are one."""
        self.errors[code if 0 <= code < 1_000 else -1] += 1
