"""Kalshi's rows in our words: the only place that knows its units, statuses and quirks."""

from app.services.kalshi.normalize.books import to_order_book
from app.services.kalshi.normalize.candles import to_candle
from app.services.kalshi.normalize.catalogue import is_combo_event, is_combo_market
from app.services.kalshi.normalize.events import to_event
from app.services.kalshi.normalize.exchange import to_exchange_status
from app.services.kalshi.normalize.markets import to_market
from app.services.kalshi.normalize.quotes import to_quote
from app.services.kalshi.normalize.rows import Row, RowTranslator, clean_row
from app.services.kalshi.normalize.series import to_series
from app.services.kalshi.normalize.status import KALSHI_STATUS_MAP, to_market_status
from app.services.kalshi.normalize.trades import to_public_trade

__all__ = [
    "KALSHI_STATUS_MAP",
    "Row",
    "RowTranslator",
    "clean_row",
    "is_combo_event",
    "is_combo_market",
    "to_candle",
    "to_event",
    "to_exchange_status",
    "to_market",
    "to_market_status",
    "to_order_book",
    "to_public_trade",
    "to_quote",
    "to_series",
]
