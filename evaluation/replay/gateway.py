"""A push gateway that takes everything and notes what it got."""

from dataclasses import dataclass, field
from datetime import datetime

from app.core.clock import Clock
from app.domain.push import PushMessage, PushOutcome, PushResult


@dataclass(frozen=True, slots=True)
class NotedPush:
    """One push as it arrived, at the replay's time."""

    at: datetime
    address: str = field(repr=False)
    title: str
    body: str
    collapse_id: str


class NotingGateway:
    """The `PushSender` of a replay.

    Attributes:
        pushes: in the order of their arrival.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin with none."""
        self.pushes: list[NotedPush] = []
        self._clock = clock

    async def send(self, message: PushMessage) -> PushOutcome:
        """Accept a push; the name it gets follows from what it is."""
        self.pushes.append(
            NotedPush(
                at=self._clock.now(),
                address=message.address,
                title=message.title,
                body=message.body,
                collapse_id=message.collapse_id,
            )
        )
        return PushOutcome(PushResult.ACCEPTED, message_id=f"replay/{len(self.pushes)}")

    async def close(self) -> None:
        """Nothing was opened."""
