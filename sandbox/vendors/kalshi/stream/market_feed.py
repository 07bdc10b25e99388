"""Turns what happens in the world into messages: tickers, trades, books, announcements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.stream.books import Books
from sandbox.vendors.kalshi.stream.cadence import Cadence
from sandbox.vendors.kalshi.stream.lives import Lives
from sandbox.vendors.kalshi.stream.messages import Message, trade_message
from sandbox.vendors.kalshi.stream.publisher import Publisher
from sandbox.vendors.kalshi.stream.subscriptions import BOOK, TICKER, TRADE, Subscription
from sandbox.vendors.kalshi.stream.tickers import Tickers
from sandbox.world.model import Market
from sandbox.world.prices.live import Change, LivePrices


class MarketFeed:
    """Follows the world while somebody is subscribed."""

    def __init__(self, ctx: Context, live: LivePrices, publisher: Publisher) -> None:
        """Follow nothing yet."""
        self.tickers = Tickers(ctx.prices)
        self._ctx, self._live, self._publisher = ctx, live, publisher
        self._cadence = Cadence()
        self._lives = Lives(ctx.world)
        self._books = Books(ctx.prices)
        self._is_idle = True
        self.is_off = False  # while recorded frames are shown instead
        self.at_us = 0  # until when the world has been followed

    def wake(self) -> None:
        """Begin with what happens from now on, if nothing was followed."""
        if self.is_off or not self._is_idle:
            return
        self._is_idle = False
        self.at_us = self._advance()
        self._live.follow(self.at_us)
        self._ctx.recent.begin(self.at_us)
        self._lives.restart()
        self._lives.until(self.at_us)

    def _advance(self) -> int:
        now_us = self._ctx.clock.now_us()
        self._ctx.world.advance(now_us)
        return now_us

    def rest(self) -> None:
        """Stop following."""
        if not self._is_idle:
            self._is_idle = True
            self._cadence.clear()
            self._ctx.recent.end()

    def step(self, now_s: float) -> None:
        """Send what happened since the last step."""
        if not self._publisher.has_followers():
            self.rest()
            return
        self.wake()
        now_us = self._advance()
        if now_us == self.at_us:
            return
        if now_us < self.at_us:  # somebody set the clock back
            self._is_idle = True
            self.wake()
            return
        self.at_us = now_us
        changes, announced = self._live.follow(now_us), self._lives.until(now_us)
        for change in changes:
            self.tickers.forget(change.market.ticker)
            self._ctx.recent.add(change.trades)
        if self._is_silent(now_us, len(changes) + len(announced)):
            return
        self._publisher.publish_all(announced)
        if self._ctx.halt.since_us(now_us) is None:
            self._send_changes(changes, now_us, now_s)

    def _is_silent(self, now_us: int, missed: int) -> bool:
        """Say whether a fault holds everything back, and count what it did."""
        for name in ("ws_stall_open", "ws_stall_closed"):
            if self._ctx.faults.active(name) is not None:
                self._ctx.stats.faults[name] += missed
                return True
        return False

    def _send_changes(self, changes: Iterable[Change], now_us: int, now_s: float) -> None:
        publisher = self._publisher
        has_tickers = bool(publisher.followers(TICKER))
        has_trades = bool(publisher.followers(TRADE))
        self._keep_books()
        for change in changes:
            if has_trades:
                publisher.publish_all(map(trade_message, change.trades))
            if has_tickers:
                self._cadence.changed(change.market.ticker, change.at_us, now_s)
            if publisher.followers(BOOK):
                self._send_book(change, now_us)
        for ticker, at_us in self._cadence.take(now_s):
            market = self._ctx.world.markets.get(ticker)
            if market is not None:
                publisher.publish(self.tickers.message(market, at_us, now_us))

    def _keep_books(self) -> None:
        followed = self._publisher.followers(BOOK)
        self._books.keep({ticker for _, sub in followed for ticker in sub.tickers or ()})

    def _send_book(self, change: Change, now_us: int) -> None:
        for plain, yes in self._books.changes(change.market, change.at_us, now_us):
            for socket, sub in self._publisher.followers(BOOK):
                if sub.wants(change.market.ticker):
                    self._publisher.send(socket, sub, yes if sub.yes_price else plain)

    def snapshots(self, sub: Subscription, tickers: Iterable[str]) -> Iterator[Message]:
        """Yield the present state of markets for one subscription."""
        now_us = self._advance()
        for ticker in tickers:
            market = self._ctx.world.markets.get(ticker)
            state = self._ctx.world.state(market) if market else None
            if market is not None and state is not None and self._ctx.world.is_live(state):
                yield self._snapshot(sub, market, now_us)

    def _snapshot(self, sub: Subscription, market: Market, now_us: int) -> Message:
        if sub.channel != BOOK:
            return self.tickers.message(market, now_us, now_us)
        body = self._books.known(market, now_us).snapshot(yes_price=sub.yes_price)
        return Message(BOOK, "orderbook_snapshot", market.ticker, body, (now_us // 1_000, "", ""))
