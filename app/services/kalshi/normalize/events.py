"""Event rows in our words."""

from app.domain.catalogue import Event
from app.domain.types import Exchange
from app.models.kalshi import KalshiEvent
from app.services.kalshi.normalize.catalogue import leftover
from app.services.kalshi.normalize.fields import read_time
from app.services.kalshi.normalize.rows import Row

_HELD = frozenset(KalshiEvent.model_fields) | {"markets"}  # markets are rows of their own


def to_event(row: Row) -> Event:
    """Translate one event row; its nested markets are left to `to_market`.

    Raises:
        ValueError: no ticker, no series, or a field of the wrong kind.
    """
    wire = KalshiEvent.model_validate(row)
    return Event(
        exchange=Exchange.KALSHI,
        ext_id=wire.event_ticker,
        series_ext_id=wire.series_ticker,
        title=wire.title or wire.sub_title or wire.event_ticker,
        subtitle=wire.sub_title,
        category=wire.category,
        is_mutually_exclusive=bool(wire.mutually_exclusive),
        strike_at=read_time(wire.strike_date),
        metadata=leftover(row, _HELD),
        source_ts=read_time(wire.last_updated_ts),
    )
