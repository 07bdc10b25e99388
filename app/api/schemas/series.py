"""Series in answers."""

from uuid import UUID

from app.api.schemas.base import Number, Out
from app.domain.types import Exchange


class SeriesOut(Out):
    """A recurring family of events; `ext_id` is the exchange's own id."""

    id: UUID
    exchange: Exchange
    ext_id: str
    title: str
    category: str | None
    tags: list[str]
    frequency: str | None
    fee_type: str | None
    fee_multiplier: Number | None


class SeriesPage(Out):
    """A page of series; `cursor` asks for the next one, null on the last."""

    series: list[SeriesOut]
    cursor: str | None
