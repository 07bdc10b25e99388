"""Events in answers."""

from uuid import UUID

from app.api.schemas.base import Instant, Out
from app.domain.types import Exchange


class EventOut(Out):
    """One thing that gets decided; `category` is its own, or its series' where it has none."""

    id: UUID
    exchange: Exchange
    ext_id: str
    series_id: UUID
    title: str
    subtitle: str | None
    category: str | None
    is_mutually_exclusive: bool
    strike_at: Instant | None


class EventPage(Out):
    """A page of events; `cursor` asks for the next one, null on the last."""

    events: list[EventOut]
    cursor: str | None
