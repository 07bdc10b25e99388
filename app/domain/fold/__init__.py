"""Frames folded into minutes: open, high, low, close, volume; nothing is ever overwritten.

The firehose's leader holds a `FoldBook`, folds what arrives and takes away pieces of
minutes (`MicroCandle`) every 100 ms. Whoever reads the pieces, in their order, adds them
up with `fold_minutes` and gets the same candles however they were cut.
"""

from app.domain.fold.book import MAX_MARKETS, Flush, FoldBook, Refusal
from app.domain.fold.market import EARLIEST_MS, MarketFold
from app.domain.fold.pieces import (
    MINUTE_MS,
    MicroCandle,
    Minutes,
    fold_minutes,
    merge_micro,
    to_candle,
)
from app.domain.fold.state import MarketState, Quote, Said, Span

__all__ = [
    "EARLIEST_MS",
    "MAX_MARKETS",
    "MINUTE_MS",
    "Flush",
    "FoldBook",
    "MarketFold",
    "MarketState",
    "MicroCandle",
    "Minutes",
    "Quote",
    "Refusal",
    "Said",
    "Span",
    "fold_minutes",
    "merge_micro",
    "to_candle",
]
