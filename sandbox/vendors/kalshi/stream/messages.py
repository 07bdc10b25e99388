"""`msg` of every message of data, encoded once for all connections."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import orjson

from sandbox.vendors.kalshi.formats import count_text, dollars, time_text
from sandbox.vendors.kalshi.stream.subscriptions import market_id_of
from sandbox.vendors.kalshi.trading import trade_fields
from sandbox.world.model import Market
from sandbox.world.prices import Snapshot
from sandbox.world.prices.tape import Trade
from sandbox.world.units import DOLLAR, SECOND

MS = 1_000  # microseconds


class Message(NamedTuple):
    """One message before it has a subscription; `note` is what the sent log keeps of it."""

    channel: str
    kind: str  # its `type`
    ticker: str
    body: bytes  # `msg`
    note: tuple[object, ...]


@lru_cache(maxsize=65_536)
def _market_id(ticker: str) -> str:
    return market_id_of(ticker)


class TickerState(NamedTuple):
    """What a ticker says besides its time, as the beginning of its JSON."""

    ticker: str
    head: bytes  # an object without its closing brace
    price: str
    volume: str


def ticker_state(market: Market, trading: Snapshot, last_size: int) -> TickerState:
    """Return the state of a market as its ticker tells it.

    An empty side is 0 (bid) or 1 (ask) with size 0.00; never traded is a price of 0.
    `dollar_*` are whole dollars at 50 cents a contract, as recorded.
    """
    quote = trading.quote
    price, volume = dollars(trading.last or 0), count_text(trading.volume)
    fields = {
        "market_id": _market_id(market.ticker),
        "market_ticker": market.ticker,
        "price_dollars": price,
        "yes_bid_dollars": dollars(quote.bid or 0),
        "yes_ask_dollars": dollars(DOLLAR if quote.ask is None else quote.ask),
        "volume_fp": volume,
        "open_interest_fp": count_text(trading.open_interest),
        "dollar_volume": trading.volume // 200,
        "dollar_open_interest": trading.open_interest // 200,
        "yes_bid_size_fp": count_text(quote.bid_size),
        "yes_ask_size_fp": count_text(quote.ask_size),
        "last_trade_size_fp": count_text(last_size),
    }
    return TickerState(market.ticker, orjson.dumps(fields)[:-1], price, volume)


@lru_cache(maxsize=4_096)
def _when(ts_ms: int) -> bytes:
    text = time_text(ts_ms * MS).encode()
    return b',"ts":%d,"ts_ms":%d,"time":"%b"}' % (ts_ms // 1_000, ts_ms, text)


def ticker_message(state: TickerState, ts_ms: int) -> Message:
    """Return the ticker of a market at a time (Unix ms)."""
    note = (ts_ms, state.price, state.volume)
    return Message("ticker", "ticker", state.ticker, state.head + _when(ts_ms), note)


def trade_message(trade: Trade) -> Message:
    """Return a public trade; its id is the one REST gives it."""
    fields = trade_fields(trade)
    ticker = trade.market.ticker
    body = {
        "trade_id": fields["trade_id"],
        "market_ticker": ticker,
        "yes_price_dollars": fields["yes_price_dollars"],
        "no_price_dollars": fields["no_price_dollars"],
        "count_fp": fields["count_fp"],
        "taker_side": fields["taker_side"],
        "taker_outcome_side": fields["taker_outcome_side"],
        "taker_book_side": fields["taker_book_side"],
        "is_block_trade": False,
        "ts": trade.at_us // SECOND,
        "ts_ms": trade.at_us // MS,
    }
    note = (trade.at_us // MS, fields["yes_price_dollars"], fields["count_fp"])
    return Message("trade", "trade", ticker, orjson.dumps(body), note)
