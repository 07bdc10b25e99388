"""`GET /markets/candlesticks`: the candles of many markets, cut to what one answer may hold."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from app.core.errors import PayloadInvalid
from app.domain.candles import Candle, CandlePage
from app.domain.catalogue import Reject
from app.services.kalshi.client import Params
from app.services.kalshi.errors import SOURCE
from app.services.kalshi.normalize import Row, RowTranslator, to_candle
from app.services.kalshi.tickers import ticker_lists

BULK_PATH = "/markets/candlesticks"
_MAX_TICKERS = 100
_MAX_CANDLES = 10_000  # of all markets of one answer


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """Markets of one request, and the Unix seconds in which a period must end."""

    tickers: Sequence[str]
    first_s: int
    last_s: int


def bulk_requests(
    tickers: Sequence[str], start: datetime, end: datetime, interval: timedelta
) -> Iterator[BulkRequest]:
    """Cut markets and a time span into requests whose answers cannot be too long."""
    period_s = int(interval.total_seconds())
    first_s, last_s = math.floor(start.timestamp()), math.ceil(end.timestamp())
    step_s = period_s * (_MAX_CANDLES - 1)
    while first_s <= last_s:
        until_s = min(first_s + step_s, last_s)
        fitting = _MAX_CANDLES // ((until_s - first_s) // period_s + 1)
        for chunk in _chunks(tickers, min(fitting, _MAX_TICKERS)):
            yield BulkRequest(chunk, first_s, until_s)
        first_s = until_s + 1


def bulk_params(request: BulkRequest, interval: timedelta) -> Params:
    """Return the query of a request."""
    return {
        "market_tickers": ",".join(request.tickers),
        "start_ts": str(request.first_s),
        "end_ts": str(request.last_s),
        "period_interval": str(int(interval.total_seconds()) // 60),
    }


def translate_bulk(document: Row, request: BulkRequest, interval: timedelta) -> CandlePage:
    """Translate an answer; a candle, or a market, that cannot be read becomes a reject.

    Raises:
        PayloadInvalid: no list of markets.
    """
    markets = document.get("markets")
    if not isinstance(markets, list):
        raise PayloadInvalid(SOURCE, f"GET {BULK_PATH} answered without a list of markets")
    asked = frozenset(request.tickers)
    rows = RowTranslator()
    candles: list[Candle] = []
    for market in markets:
        head, listed = _parted(market)
        ticker = rows.translate("candles", head, partial(_ticker, asked), id_key="market_ticker")
        if ticker is not None:
            candles += _read_candles(rows, ticker, listed, interval)
    return CandlePage(candles, _distinct(rows.rejects))


def _chunks(tickers: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for text in ticker_lists(tickers):
        fitting = text.split(",")
        for first in range(0, len(fitting), size):
            yield fitting[first : first + size]


def _parted(market: object) -> tuple[object, Sequence[object]]:
    """Part a market from its candles, which are looked at one by one."""
    if not isinstance(market, dict):
        return market, ()
    listed = market.get("candlesticks")
    head = {key: field for key, field in market.items() if key != "candlesticks"}
    if listed is None:
        return head, ()
    return head, listed if isinstance(listed, list) else [listed]


def _ticker(asked: frozenset[str], head: Row) -> str:
    ticker = head.get("market_ticker")
    if not isinstance(ticker, str) or ticker not in asked:
        raise ValueError("market_ticker: not one that was asked for")
    return ticker


def _read_candles(
    rows: RowTranslator, ticker: str, wire: Sequence[object], interval: timedelta
) -> Iterator[Candle]:
    to_ours = partial(to_candle, market_ext_id=ticker, interval=interval)
    for row in wire:
        candle = rows.translate("candle", row, to_ours, ext_id=ticker)
        if candle is not None:
            yield candle


def _distinct(rejects: Sequence[Reject]) -> Sequence[Reject]:
    """Keep one reject a market and reason: a broken market has thousands of candles."""
    return list({(found.ext_id, found.reason): found for found in rejects}.values())
