"""Candles in answers."""

from enum import StrEnum
from uuid import UUID

from app.api.schemas.base import Instant, Number, Out, Probability
from app.api.schemas.markets import PriceFeedOut
from app.domain.candle_views import CandleInterval


class CandleSource(StrEnum):
    """Who watched the trades: we did, or the exchange (history and our outages)."""

    STREAM = "stream"
    EXCHANGE = "exchange"


class CandleOut(Out):
    """What the first outcome's price did from `bucket_at` on, for the length of the interval.

    `open`, `high`, `low` and `close` are of traded prices, null before a market's first
    trade; `bid`, `ask` and `open_interest` are those at the end; `volume` counts contracts
    traded. `is_complete` is false while the interval lasts. A longer candle is of `exchange`
    when any of its minutes is.
    """

    bucket_at: Instant
    open: Probability | None
    high: Probability | None
    low: Probability | None
    close: Probability | None
    bid: Probability | None
    ask: Probability | None
    volume: Number
    open_interest: Number | None
    is_complete: bool
    source: CandleSource


class CandlePage(Out):
    """Candles of a market, newest last; `cursor` asks for those before, null at the first.

    There is no candle where nothing was heard of the market: a gap stays a gap. `as_of`,
    `is_stale` and `feed` are of the market's prices now; the newest candle may lag behind
    them by some 15 s.
    """

    market_id: UUID
    interval: CandleInterval
    as_of: Instant | None
    is_stale: bool
    feed: PriceFeedOut | None
    candles: list[CandleOut]
    cursor: str | None
