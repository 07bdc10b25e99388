"""Handlers for order books and trades."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import orjson

from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.errors import bad_request, not_found
from sandbox.vendors.kalshi.formats import count_text, dollars, time_text
from sandbox.vendors.kalshi.paging import Place
from sandbox.vendors.kalshi.reply import Reply
from sandbox.world.model import Market
from sandbox.world.noise import uuid_of
from sandbox.world.prices import Book, PriceSource
from sandbox.world.prices.tape import Trade
from sandbox.world.units import DOLLAR

_DEPTH_TOP = _BOOKS_TOP = 100


def _side(levels: tuple[tuple[int, int], ...]) -> list[list[str]]:
    return [[dollars(price), count_text(count)] for price, count in levels]


def book_fields(book: Book) -> dict[str, list[list[str]]]:
    """Return a book: bids of both legs, cheapest first."""
    return {"no_dollars": _side(book.no), "yes_dollars": _side(book.yes)}


def find_market(ctx: Context, ticker: str) -> Market:
    """Return a live market.

    Raises:
        Refusal: 404 when there is none.
    """
    market = ctx.world.markets.get(ticker)
    state = ctx.world.state(market) if market else None
    if market is None or state is None or not ctx.world.is_live(state):
        raise not_found(flat=True)
    return market


def get_orderbook(ctx: Context, ask: Ask) -> Reply:
    """GET /markets/{ticker}/orderbook."""
    depth = max(ask.integer("depth") or 0, 0)
    if depth > _DEPTH_TOP:
        raise bad_request("invalid depth", flat=True)
    market = find_market(ctx, ask.path["ticker"])
    book = ctx.prices.book(market, ctx.world.now_us, depth)
    return Reply(orjson.dumps({"orderbook_fp": book_fields(book)}))


def list_orderbooks(ctx: Context, ask: Ask) -> Reply:
    """GET /markets/orderbooks?tickers=a&tickers=b."""
    tickers = [value for key, value in ask.query if key == "tickers"]
    if not 1 <= len(tickers) <= _BOOKS_TOP:
        raise bad_request("between 1 and 100 tickers are required", flat=True)
    books = []
    for ticker in tickers:
        book = ctx.prices.book(find_market(ctx, ticker), ctx.world.now_us, 0)
        books.append({"orderbook_fp": book_fields(book), "ticker": ticker})
    return Reply(orjson.dumps({"orderbooks": books}))


def trade_fields(trade: Trade) -> dict[str, object]:
    """Return one trade."""
    side = "yes" if trade.taker_yes else "no"
    return {
        "count_fp": count_text(trade.count),
        "created_time": time_text(trade.at_us),
        "is_block_trade": False,
        "no_price_dollars": dollars(DOLLAR - trade.price),
        "taker_book_side": "bid" if trade.taker_yes else "ask",
        "taker_outcome_side": side,
        "taker_side": side,
        "ticker": trade.market.ticker,
        "trade_id": uuid_of("trade", trade.market.ticker, trade.number),
        "yes_price_dollars": dollars(trade.price),
    }


class TradeListing:
    """Trades of some markets, newest first, within a span of time."""

    def __init__(
        self, prices: PriceSource, markets: list[Market], after_us: int, until_us: int
    ) -> None:
        """Merge the tapes of several markets."""
        self._prices, self._markets = prices, markets
        self._after_us, self._until_us = after_us, until_us

    def ext_id(self, item: Trade) -> str:
        """Return market and number."""
        return f"{item.market.ticker} {item.number}"

    def entries(self, after: Place | None) -> Iterator[tuple[Place, Trade]]:
        """Yield trades behind a place, which is (time, ticker)."""
        until_us = int(after[0]) if after else self._until_us
        heap: list[tuple[int, str, int, Market]] = []
        for market in self._markets:
            last = self._prices.count(market, until_us) - 1
            if last >= 0:
                at_us = self._prices.trade_us(market, last)
                heap.append((-at_us, market.ticker, last, market))
        heapq.heapify(heap)
        while heap:
            negative, ticker, number, market = heapq.heappop(heap)
            if -negative <= self._after_us:
                return
            if number > 0:
                earlier = self._prices.trade_us(market, number - 1)
                heapq.heappush(heap, (-earlier, ticker, number - 1, market))
            if after is None or (negative, ticker) > (-int(after[0]), str(after[1])):
                yield [-negative, ticker], self._prices.trade(market, number)


def _traded(ctx: Context, ticker: str, after_us: int) -> list[Market]:
    """Return the markets whose trades may be asked for."""
    world = ctx.world
    if ticker:
        market = world.markets.get(ticker)
        return [market] if market and world.state(market) else []
    recent = ctx.recent.markets(after_us)
    if recent is not None:
        return recent
    return [market for market in world.markets.values() if market.flow.interval_us]


def list_trades(ctx: Context, ask: Ask) -> Reply:
    """GET /markets/trades."""
    after = ask.moment("min_ts")
    until = ask.moment("max_ts")
    now_us = ctx.world.now_us
    markets = _traded(ctx, ask.text("ticker"), after or 0)
    if ask.flag("is_block_trade"):
        markets = []
    last_us = min(now_us, now_us if until is None else until)
    halted_us = ctx.halt.since_us(now_us)
    if halted_us is not None:
        last_us = min(last_us, halted_us)
    listing = TradeListing(ctx.prices, markets, after or 0, last_us)
    page = ctx.pager.page(ask, listing, ask.limit(100, 1_000))
    body: dict[str, object] = {"trades": [trade_fields(trade) for trade in page.items]}
    if page.is_sent:
        body["cursor"] = page.cursor
    return Reply(orjson.dumps(body))
