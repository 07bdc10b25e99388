"""Time that counts, with pauses."""

from time import perf_counter
from types import TracebackType


class Stopwatch:
    """Adds up the seconds spent inside its blocks; it may be entered many times."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._started = 0.0

    def __enter__(self) -> "Stopwatch":
        self._started = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds += perf_counter() - self._started
