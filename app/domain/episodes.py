"""Episodes: everything about one subject that belongs together, and when it is told again."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from app.domain.alerts import AlertReason
from app.domain.detections import DetectionKind
from app.domain.ids import NAMESPACE
from app.domain.types import EventId, MarketId

QUIET = timedelta(minutes=30)  # without a detection, after which an episode is over
WORSE = Decimal("1.5")  # times as much is worth saying again
LATE = timedelta(minutes=10)  # news older than this is nobody's


@dataclass(frozen=True, slots=True)
class LastAlert:
    """What an episode's newest alert said.

    Attributes:
        strength: of the strongest alert of a detection's kind so far, None = there was none.
        markets: all that the episode's alerts cover.
    """

    id: UUID
    root_id: UUID
    strength: Decimal | None
    markets: Set[MarketId]


def event_episode_id(event_id: EventId, opened_at: datetime) -> UUID:
    """Return the id of an event's episode, the same at every replay."""
    return uuid5(NAMESPACE, f"episode:event:{event_id}:{opened_at.isoformat()}")


def reason_to_tell(
    last: LastAlert | None, kind: DetectionKind, strength: Decimal, markets: Set[MarketId]
) -> AlertReason | None:
    """Say why a detection deserves an alert in its episode; None when it was said already.

    Strengths are compared within a kind. A move is news after mere trading; heavy trading
    goes with a move that was told.
    """
    if last is None:
        return AlertReason.NEW
    if last.strength is None:
        is_news = kind is not DetectionKind.VOLUME_SPIKE
    else:
        is_news = strength >= WORSE * last.strength
    return AlertReason.UPDATE if is_news or not markets <= last.markets else None
