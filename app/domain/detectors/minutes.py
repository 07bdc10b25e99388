"""Finished minutes as a baseline reads them, and which stretch before the start they lie in."""

from decimal import Decimal
from typing import NamedTuple

from app.domain.candles import Candle
from app.domain.ticks import CENTIS, MICROS

MINUTE_MS = 60_000
_LEADS = (1440, 720, 360, 180, 60, 15, 0)  # minutes to the start, where a new bucket begins
PLAYED, UNTIMED = len(_LEADS), len(_LEADS) + 1  # the buckets in play, and without a start


class Minute(NamedTuple):
    """One finished minute: prices at its end in micro-dollars, volume in hundredths.

    Attributes:
        minute: its start, in minutes since 1970.
        last: last traded price, None = none in this minute, so the one before holds.
        bid, ask: None = nobody offers.
    """

    minute: int
    last: int | None
    bid: int | None
    ask: int | None
    volume: int


def minute_of(candle: Candle) -> Minute:
    """Return a stored candle of one minute as the baseline reads it."""
    return Minute(
        minute=int(candle.bucket_at.timestamp()) // 60,
        last=_scaled(candle.close, MICROS),
        bid=_scaled(candle.bid.close, MICROS),
        ask=_scaled(candle.ask.close, MICROS),
        volume=_scaled(candle.volume, CENTIS) or 0,
    )


def _scaled(number: Decimal | None, by: int) -> int | None:
    return None if number is None else int(number * by)


def bucket_of(minute: int, starts_ms: int | None) -> int:
    """Return which stretch before the start a minute lies in; the last two: in play, no start."""
    if starts_ms is None:
        return UNTIMED
    lead = starts_ms // MINUTE_MS - minute
    for bucket, border in enumerate(_LEADS):
        if lead > border:
            return bucket
    return PLAYED
