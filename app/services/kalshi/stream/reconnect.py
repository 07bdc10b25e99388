"""When to connect again: full jitter, reset only by healthy data."""

import random

_FIRST_S = 0.5
_LONGEST_S = 30.0
_RATE_LIMITED_S = 10.0
_MAX_EXPONENT = 16
_MAX_REFUSALS = 3  # then it is the key or the clock, which waiting does not mend


class Reconnect:
    """Delays between attempts; knows nothing of sockets or time."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self._dice = dice or random.Random()
        self._attempts = 0
        self._refusals = 0

    def next_delay_s(self, *, is_rate_limited: bool = False, asked_s: float | None = None) -> float:
        """Return the seconds to wait: rand(0, min(30, 0.5 * 2^n)).

        Args:
            is_rate_limited: HTTP 429; never less than 10 s then.
            asked_s: what a `Retry-After` asks for.
        """
        ceiling = min(_LONGEST_S, _FIRST_S * 2 ** min(self._attempts, _MAX_EXPONENT))
        self._attempts += 1
        delay_s = self._dice.uniform(0, ceiling)
        if not is_rate_limited:
            return delay_s
        return max(_RATE_LIMITED_S, min(asked_s or 0, 2 * _LONGEST_S)) + delay_s

    def refused(self) -> bool:
        """Count a 401 or 403; True = it makes no sense to go on."""
        self._refusals += 1
        return self._refusals >= _MAX_REFUSALS

    def connected(self) -> None:
        """Note that the key was taken; the delays stay."""
        self._refusals = 0

    def healthy(self) -> None:
        """Start the delays anew."""
        self._attempts = 0
