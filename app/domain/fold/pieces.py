"""Micro-candles: pieces of a minute that add up to it, however they were cut.

Prices are whole micro-dollars, counts hundredths of a contract (`domain.ticks`).
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.domain.candles import Candle, Ohlc
from app.domain.ticks import centis_to_contracts, micros_to_price
from app.domain.types import Exchange

MINUTE_MS = 60_000
MINUTE = timedelta(minutes=1)
_AT_HAND = 8


class MicroCandle(NamedTuple):
    """What some consecutive frames of one market said about one minute.

    Attributes:
        minute: start of the minute, in minutes since 1970.
        open: first traded price that arrived.
        close: last traded price that arrived in time, None when all were late; a late frame
            (older than one seen before) widens `high`, `low` and `volume` and no more.
        bid, ask, open_interest: at the last frame in time; a side without offers is None.
        volume: contracts that were new in these frames, not cumulative.
        frames: how many frames this is.
        last_ms: `ts_ms` of the last frame in time, 0 when all were late.
    """

    market_ext_id: str
    minute: int
    open: int | None
    high: int | None
    low: int | None
    close: int | None
    bid: int | None
    ask: int | None
    volume: int
    open_interest: int | None
    frames: int
    last_ms: int

    @property
    def last_price(self) -> int | None:
        """The close of the bar: that of a minute with only late frames is its first price."""
        return self.open if self.close is None else self.close


def merge_micro(earlier: MicroCandle, later: MicroCandle) -> MicroCandle:
    """Join two pieces of the same minute of the same market, in the order of the stream.

    Associative. `high`, `low`, `volume` and `frames` do not depend on the order either;
    the others are the first or the last of something, so they do.
    """
    ext_id, minute, opened, high, low, close, bid, ask, volume, interest, frames, last_ms = earlier
    _, _, opened2, high2, low2, close2, bid2, ask2, volume2, interest2, frames2, last_ms2 = later
    if opened is None:
        opened = opened2
    if high2 is not None and (high is None or high2 > high):
        high = high2
    if low2 is not None and (low is None or low2 < low):
        low = low2
    if last_ms2:
        bid, ask, interest, last_ms = bid2, ask2, interest2, last_ms2
    return tuple.__new__(
        MicroCandle,
        (
            ext_id,
            minute,
            opened,
            high,
            low,
            close if close2 is None else close2,
            bid,
            ask,
            volume + volume2,
            interest,
            frames + frames2,
            last_ms,
        ),
    )


def run_on(running: MicroCandle | None, piece: MicroCandle) -> MicroCandle:
    """Return the newest minute after one more piece, which may belong to an older one."""
    if running is None or piece.minute > running.minute:
        return piece
    return merge_micro(running, piece) if piece.minute == running.minute else running


def add_late(pieces: list[MicroCandle], late: MicroCandle) -> None:
    """Add to a piece of the same minute if one is at hand: many may come late together."""
    first = max(len(pieces) - _AT_HAND, 0)
    for at in range(len(pieces) - 1, first - 1, -1):
        if pieces[at].minute == late.minute:
            pieces[at] = merge_micro(pieces[at], late)
            return
    pieces.append(late)


Minutes = dict[tuple[str, int], MicroCandle]


def fold_minutes(pieces: Iterable[MicroCandle], into: Minutes | None = None) -> Minutes:
    """Add pieces, in the order of the stream, to the minutes they belong to.

    Args:
        into: minutes to go on from; changed and returned.
    """
    minutes: Minutes = {} if into is None else into
    for piece in pieces:
        key = (piece.market_ext_id, piece.minute)
        known = minutes.get(key)
        minutes[key] = piece if known is None else merge_micro(known, piece)
    return minutes


def to_candle(exchange: Exchange, whole: MicroCandle) -> Candle:
    """Return a minute in the words and numbers of everything that is not the tick path."""
    return Candle(
        exchange=exchange,
        market_ext_id=whole.market_ext_id,
        bucket_at=datetime.fromtimestamp(whole.minute * 60, UTC),
        interval=MINUTE,
        open=micros_to_price(whole.open),
        high=micros_to_price(whole.high),
        low=micros_to_price(whole.low),
        close=micros_to_price(whole.last_price),
        volume=centis_to_contracts(whole.volume),
        open_interest=centis_to_contracts(whole.open_interest),
        bid=Ohlc(close=micros_to_price(whole.bid)),
        ask=Ohlc(close=micros_to_price(whole.ask)),
    )
