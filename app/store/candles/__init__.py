"""Candles: pieces of the stream added up, an exchange's own put in their place, roll-ups of both.

Everything here runs in a transaction that holds `lock_candles`, so that a roll-up and the
minutes under it never disagree.
"""

from app.store.candles.backfill import ExchangeMinute, write_exchange_minutes
from app.store.candles.checks import (
    CandleRange,
    candle_range,
    count_unknown_markets,
    find_fault,
    list_ticked_since,
)
from app.store.candles.count import count_candles
from app.store.candles.roll_up import roll_up_again
from app.store.candles.stream import StreamWrite, write_stream_minutes
from app.store.candles.upsert import MarketIds, lock_candles, upsert_candles

__all__ = [
    "CandleRange",
    "ExchangeMinute",
    "MarketIds",
    "StreamWrite",
    "candle_range",
    "count_candles",
    "count_unknown_markets",
    "find_fault",
    "list_ticked_since",
    "lock_candles",
    "roll_up_again",
    "upsert_candles",
    "write_exchange_minutes",
    "write_stream_minutes",
]
