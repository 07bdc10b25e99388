"""How long a supervisor waits before it starts a process again."""

from dataclasses import dataclass

FIRST_S, LONGEST_S, STEADY_S = 0.2, 5.0, 30.0


@dataclass(slots=True)
class Backoff:
    """Doubles from 0.2 s to 5 s; a process that stayed up 30 s starts again at 0.2 s."""

    _next_s: float = FIRST_S

    def delay_s(self, was_up_s: float) -> float:
        """Return the wait after a process ended that had run for `was_up_s` seconds."""
        if was_up_s >= STEADY_S:
            self._next_s = FIRST_S
        delay_s = self._next_s
        self._next_s = min(LONGEST_S, delay_s * 2)
        return delay_s
