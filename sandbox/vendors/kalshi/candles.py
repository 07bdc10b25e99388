"""Handlers for candlesticks."""

from __future__ import annotations

import orjson

from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.errors import bad_request, not_found
from sandbox.vendors.kalshi.formats import count_text, dollars
from sandbox.vendors.kalshi.render import live_markets
from sandbox.vendors.kalshi.reply import Reply
from sandbox.vendors.kalshi.trading import find_market
from sandbox.world.model import Market
from sandbox.world.prices.candles import Bar, Candle
from sandbox.world.units import MINUTE, SECOND

_INTERVALS = (1, 60, 1_440)
_TICKERS_TOP, _CANDLES_TOP = 100, 10_000
_NAMES = ("open_dollars", "high_dollars", "low_dollars", "close_dollars")

Fields = dict[str, object]


def _bar(bar: Bar) -> dict[str, str]:
    return {name: dollars(price) for name, price in sorted(zip(_NAMES, bar, strict=True))}


def candle_fields(candle: Candle) -> Fields:
    """Return one candle; without a trade `price` holds the previous price at most."""
    price: dict[str, str] = _bar(candle.price) if candle.price else {}
    if candle.mean is not None:
        price["mean_dollars"] = dollars(candle.mean)
    if candle.previous is not None:
        price["previous_dollars"] = dollars(candle.previous)
    return {
        "end_period_ts": candle.end_us // SECOND,
        "open_interest_fp": count_text(candle.open_interest),
        "price": price,
        "volume_fp": count_text(candle.volume),
        "yes_ask": _bar(candle.ask),
        "yes_bid": _bar(candle.bid),
    }


class Span:
    """The period a request asks for."""

    def __init__(self, ask: Ask, *, any_interval: bool = False) -> None:
        """Read and check it.

        Raises:
            Refusal: something missing, an unknown interval, an end before the start.
        """
        minutes = ask.required("period_interval")
        if minutes not in _INTERVALS and not (any_interval and minutes > 0):
            raise bad_request("invalid period_interval")
        self.start_us = ask.required("start_ts") * SECOND
        self.end_us = ask.required("end_ts") * SECOND
        self.period_us = minutes * MINUTE
        self.with_latest = ask.flag("include_latest_before_start")
        if self.end_us < self.start_us:
            raise bad_request("end_ts must not be before start_ts")
        if (self.end_us - self.start_us) // self.period_us > _CANDLES_TOP:
            raise bad_request("too many candlesticks requested")


def _candles(ctx: Context, market: Market, span: Span) -> list[Fields]:
    end_us = min(span.end_us, ctx.world.now_us)
    found = ctx.prices.candles(market, span.start_us, end_us, span.period_us)
    rows = [candle_fields(candle) for candle in found]
    if span.with_latest:
        previous = ctx.prices.last_before(market, min(span.start_us, ctx.world.now_us))
        if previous is not None:
            rows.insert(0, _synthetic(span, previous))
    return rows


def _synthetic(span: Span, previous: int) -> Fields:
    """Return the candle that carries the last price before the start forward."""
    flat = _bar((0, 0, 0, 0))
    return {
        "end_period_ts": (span.start_us // span.period_us + 1) * span.period_us // SECOND,
        "open_interest_fp": "0.00",
        "price": {"previous_dollars": dollars(previous)},
        "volume_fp": "0.00",
        "yes_ask": flat,
        "yes_bid": flat,
    }


def get_market_candles(ctx: Context, ask: Ask) -> Reply:
    """GET /series/{series}/markets/{ticker}/candlesticks."""
    span = Span(ask)
    market = find_market(ctx, ask.path["ticker"])
    if market.event.series.ticker != ask.path["series"]:
        raise not_found()
    body = {"candlesticks": _candles(ctx, market, span), "ticker": market.ticker}
    return Reply(orjson.dumps(body))


def list_candles(ctx: Context, ask: Ask) -> Reply:
    """GET /markets/candlesticks?market_tickers=a,b."""
    tickers = ask.texts("market_tickers")
    if not 1 <= len(tickers) <= _TICKERS_TOP:
        raise bad_request("between 1 and 100 market_tickers are required")
    span = Span(ask, any_interval=True)
    rows: list[Fields] = []
    total = 0
    for ticker in tickers:
        candles = _candles(ctx, find_market(ctx, ticker), span)
        total += len(candles)
        if total > _CANDLES_TOP:
            raise bad_request("too many candlesticks requested")
        rows.append({"candlesticks": candles, "market_ticker": ticker})
    return Reply(orjson.dumps({"markets": rows}))


def get_event_candles(ctx: Context, ask: Ask) -> Reply:
    """GET /series/{series}/events/{ticker}/candlesticks."""
    span = Span(ask)
    event = ctx.world.events.get(ask.path["ticker"])
    if event is None or event.series.ticker != ask.path["series"]:
        raise not_found()
    markets = [market for market, _ in live_markets(ctx, event)]
    body = {
        "adjusted_end_ts": span.end_us // SECOND,
        "market_candlesticks": [_candles(ctx, market, span) for market in markets],
        "market_tickers": [market.ticker for market in markets],
    }
    return Reply(orjson.dumps(body))
