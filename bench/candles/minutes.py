"""Candles of one minute of many markets, as our fold hands them over and as rows."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.domain.fold import MicroCandle, to_candle
from app.domain.ids import market_id
from app.domain.types import Exchange

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
COLUMNS = (
    *("market_id", "bucket_at", "open", "high", "low", "close"),
    *("bid", "ask", "volume", "open_interest", "frames"),
)


def make_minute(markets: int, number: int) -> list[MicroCandle]:
    """Make the candles of the `number`th minute; the same ones each time."""
    chance = random.Random(number)
    start = NOW - timedelta(hours=6) + timedelta(minutes=number)
    minute = int(start.timestamp()) // 60
    return [_make(chance, f"KXBENCH-26NOV22-{n:06d}", minute) for n in range(markets)]


def to_row(piece: MicroCandle) -> Sequence[object]:
    """Return a candle in the order of `COLUMNS`."""
    candle = to_candle(Exchange.KALSHI, piece)
    return (
        market_id(Exchange.KALSHI, piece.market_ext_id),
        candle.bucket_at,
        *(candle.open, candle.high, candle.low, candle.close),
        *(candle.bid.close, candle.ask.close),
        *(candle.volume, candle.open_interest, piece.frames),
    )


def _make(chance: random.Random, ext_id: str, minute: int) -> MicroCandle:
    prices = sorted(chance.randrange(100, 9_900) * 100 for _ in range(4))
    low, first, last, high = prices
    return MicroCandle(
        ext_id,
        minute,
        first,
        high,
        low,
        last,
        max(last - 10_000, 0),
        last + 10_000,
        chance.randrange(1_000_000),
        chance.randrange(1_000_000),
        chance.randrange(1, 60),
        minute * 60_000 + 59_000,
    )
