"""How long to wait before asking Kalshi again."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from app.core.errors import SourceRateLimited, SourceUnavailable


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Full jitter: before retry n a random wait up to `first_s` doubled n - 1 times.

    Attributes:
        attempts: in total, the first one included.
        longest_s: no ceiling is above this.
        patience_s: a `Retry-After` is honoured up to this.
    """

    attempts: int = 6
    first_s: float = 0.5
    longest_s: float = 15
    patience_s: float = 60

    def hook(self) -> Callable[[Exception], bool | float]:
        """Return a stamina backoff hook for one call: seconds to wait, or False to give up."""
        failures = 0

        def wait_for(error: Exception) -> bool | float:
            nonlocal failures
            if not isinstance(error, SourceUnavailable | SourceRateLimited):
                return False
            failures += 1
            ceiling = min(self.longest_s, self.first_s * 2 ** (failures - 1))
            wait_s = random.uniform(0, ceiling)
            if isinstance(error, SourceRateLimited) and error.retry_after_s is not None:
                return min(error.retry_after_s, self.patience_s) + wait_s
            return wait_s

        return wait_for
