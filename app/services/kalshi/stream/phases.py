"""The stream's phase, told once per change, and while it is quiet again and again."""

from app.core.clock import Clock
from app.services.ports import StreamPhase, StreamState, TickSink


class Phases:
    """Keeps two facts apart: whether we are connected, and whether what we have is old."""

    def __init__(self, sink: TickSink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock
        self._is_complete = False
        self._is_stale = False
        self._told: StreamPhase | None = None

    @property
    def is_stale(self) -> bool:
        """Whether something that should have come did not."""
        return self._is_stale

    def complete(self) -> None:
        """Note that every subscription exists."""
        self._is_complete = True
        self._tell("subscribed")

    def incomplete(self, reason: str) -> None:
        """Note that a subscription, or the connection, is missing."""
        self._is_complete = False
        self._tell(reason)

    def stale(self, reason: str) -> None:
        """Note that what we have is old."""
        self._is_stale = True
        self._tell(reason)

    def fresh(self, reason: str) -> None:
        """Note that it is not, or not any more."""
        self._is_stale = False
        self._tell(reason)

    def quiet(self, reason: str) -> None:
        """Note that nothing is dealt; being without a connection counts from now then."""
        self._is_stale = False
        if not self._is_complete:
            self._told = None
        self._tell(reason)

    def _tell(self, reason: str) -> None:
        phase = StreamPhase.LIVE if self._is_complete else StreamPhase.DEGRADED
        if self._is_stale:
            phase = StreamPhase.STALE
        if phase is not self._told:
            self._told = phase
            self._sink.on_state(StreamState(phase, self._clock.now(), reason))
