"""The exchange's own state in our words."""

from app.models.kalshi import KalshiExchangeStatus
from app.services.kalshi.normalize.fields import read_time
from app.services.kalshi.normalize.rows import Row
from app.services.ports import ExchangeStatus


def to_exchange_status(row: Row) -> ExchangeStatus:
    """Translate the exchange's status.

    Raises:
        ValueError: it does not say whether the exchange works.
    """
    wire = KalshiExchangeStatus.model_validate(row)
    return ExchangeStatus(
        is_active=wire.exchange_active,
        is_trading=wire.exchange_active and wire.trading_active,
        resumes_at=read_time(wire.exchange_estimated_resume_time),
    )
