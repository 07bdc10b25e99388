"""Series rows in our words."""

from decimal import Decimal

from app.domain.catalogue import Series
from app.domain.types import Exchange
from app.models.kalshi import KalshiSeries
from app.services.kalshi.normalize.catalogue import leftover
from app.services.kalshi.normalize.fields import read_number, read_time
from app.services.kalshi.normalize.rows import Row

_MULTIPLIER_BELOW = Decimal(10) ** 6  # what its column holds; 0.5 and 1 were seen
_HELD = frozenset(KalshiSeries.model_fields)


def to_series(row: Row) -> Series:
    """Translate one series row.

    Raises:
        ValueError: no ticker, or a field of the wrong kind.
    """
    wire = KalshiSeries.model_validate(row)
    return Series(
        exchange=Exchange.KALSHI,
        ext_id=wire.ticker,
        title=wire.title or wire.ticker,
        category=wire.category,
        tags=tuple(wire.tags or ()),
        frequency=wire.frequency,
        fee_type=wire.fee_type,
        fee_multiplier=read_number(wire.fee_multiplier, below=_MULTIPLIER_BELOW),
        metadata=leftover(row, _HELD),
        source_ts=read_time(wire.last_updated_ts),
    )
