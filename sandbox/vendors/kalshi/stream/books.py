"""Order books as the socket tells them: a snapshot, then what changed."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from sandbox.vendors.kalshi.formats import count_text, dollars, time_text
from sandbox.vendors.kalshi.stream.messages import MS, Message
from sandbox.vendors.kalshi.stream.subscriptions import BOOK, market_id_of
from sandbox.world.model import Market
from sandbox.world.noise import key_of
from sandbox.world.prices import Book, PriceSource
from sandbox.world.units import DOLLAR

_Sides = dict[str, dict[int, int]]


class KnownBook:
    """A book as subscribers have it; `clock` counts its changes."""

    def __init__(self, ticker: str, book: Book) -> None:
        """Begin with a book."""
        self.ticker = ticker
        self.clock = 1_000_000 + key_of("clock", ticker) % 9_000_000
        self.sides = _sides(book)

    def snapshot(self, *, yes_price: bool) -> bytes:
        """Return `msg` of an orderbook_snapshot; an empty side has no key."""
        msg: dict[str, object] = {
            "market_ticker": self.ticker,
            "market_id": market_id_of(self.ticker),
            "clock": self.clock,
        }
        for side, levels in self.sides.items():
            if levels:
                priced = sorted((_leg(side, price, yes_price), levels[price]) for price in levels)
                msg[f"{side}_dollars_fp"] = [[dollars(p), count_text(n)] for p, n in priced]
        return orjson.dumps(msg)

    def change(self, book: Book) -> list[tuple[str, int, int]]:
        """Take over a newer book; return (side, price, difference) of every level that moved."""
        newer = _sides(book)
        moved = [
            (side, price, newer[side].get(price, 0) - self.sides[side].get(price, 0))
            for side in newer
            for price in sorted(self.sides[side].keys() | newer[side].keys())
        ]
        self.sides = newer
        return [move for move in moved if move[2]]

    def delta(self, move: tuple[str, int, int], at_us: int, *, yes_price: bool) -> bytes:
        """Return `msg` of an orderbook_delta."""
        side, price, difference = move
        sign = "-" if difference < 0 else ""
        return orjson.dumps(
            {
                "market_ticker": self.ticker,
                "market_id": market_id_of(self.ticker),
                "clock": self.clock,
                "price_dollars": dollars(_leg(side, price, yes_price)),
                "delta_fp": sign + count_text(abs(difference)),
                "side": side,
                "ts": time_text(at_us),
                "ts_ms": at_us // MS,
            }
        )


def _sides(book: Book) -> _Sides:
    return {"yes": dict(book.yes), "no": dict(book.no)}


def _leg(side: str, price: int, yes_price: bool) -> int:
    return DOLLAR - price if yes_price and side == "no" else price


class Books:
    """The books somebody follows."""

    def __init__(self, prices: PriceSource) -> None:
        """Follow nothing yet."""
        self._prices = prices
        self._known: dict[str, KnownBook] = {}

    def known(self, market: Market, now_us: int) -> KnownBook:
        """Return a followed book, from now on if it was not."""
        book = self._known.get(market.ticker)
        if book is None:
            seen = self._prices.book(market, now_us, 0)
            book = self._known[market.ticker] = KnownBook(market.ticker, seen)
        return book

    def keep(self, tickers: set[str]) -> None:
        """Forget every book but these."""
        for ticker in self._known.keys() - tickers:
            del self._known[ticker]

    def changes(self, market: Market, at_us: int, now_us: int) -> Iterator[tuple[Message, Message]]:
        """Yield what changed, in NO-leg and in YES-leg prices."""
        known = self._known.get(market.ticker)
        if known is None:
            return
        moves = known.change(self._prices.book(market, now_us, 0))
        known.clock += bool(moves)
        for move in moves:
            plain, yes = (
                Message(
                    BOOK,
                    "orderbook_delta",
                    market.ticker,
                    known.delta(move, at_us, yes_price=yes_price),
                    (at_us // MS, "", ""),
                )
                for yes_price in (False, True)
            )
            yield plain, yes
