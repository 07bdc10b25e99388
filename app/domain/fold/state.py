"""What a market looks like at its newest frame."""

from typing import NamedTuple

from app.domain.fold.pieces import MicroCandle
from app.domain.ticks import Tick, to_centis, to_offer


class MarketState(NamedTuple):
    """What a market looks like now; numbers as in `MicroCandle`, None = unknown or nobody offers.

    `ts_ms` is the exchange's time of the newest frame, `running` the minute so far.
    """

    market_ext_id: str
    ts_ms: int
    last: int | None
    bid: int | None
    ask: int | None
    bid_size: int | None
    ask_size: int | None
    open_interest: int | None
    volume: int | None
    running: MicroCandle | None


class Quote(NamedTuple):
    """The offers of one frame."""

    bid: int | None = None
    ask: int | None = None
    bid_size: int | None = None
    ask_size: int | None = None
    open_interest: int | None = None


NO_QUOTE = Quote()


def read_quote(tick: Tick, problems: list[str]) -> Quote:
    """Read the offers of a frame; of one that cannot be read there are none, and a problem more."""
    try:
        bid, bid_size = to_offer(tick.bid, tick.bid_size)
        ask, ask_size = to_offer(tick.ask, tick.ask_size)
        interest = to_centis(tick.open_interest) if tick.open_interest else None
    except ValueError as error:
        problems.append(str(error))
        return NO_QUOTE
    return Quote(bid, ask, bid_size, ask_size, interest)


class Said(NamedTuple):
    """What a request said about a market: last price, offers, cumulative volume."""

    last: int | None
    quote: Quote
    volume: int | None


class Span(NamedTuple):
    """Between these two frames of a market others may have been missed.

    What was counted from `since_ms` to `until_ms`, both minutes included, is not to be
    trusted: volume is in the wrong minute, highs and lows are missing.

    Attributes:
        since_ms: exchange time of the last frame known before; 0 = none was.
        until_ms: of the first one after.
        has_traded: the volume differs, or was not known.
    """

    market_ext_id: str
    since_ms: int
    until_ms: int
    has_traded: bool
