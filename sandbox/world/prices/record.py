"""What happened in one market: every trade and every quote, compact, answerable at any moment."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from sandbox.world.model import Market
from sandbox.world.prices.matching import YES, Fill, OrderBook
from sandbox.world.prices.quotes import NO_QUOTE, Quote
from sandbox.world.prices.tape import Trade
from sandbox.world.units import DOLLAR

_ABSENT = 0  # a bid of nothing, an ask of a dollar: no such side


class Record:
    """Trades and quotes of a market in order of time.

    Trade `n` happened at `times[n]`; `volumes[n]` counts the contracts of all trades up to it
    (count units). A quote holds from `quoted[n]` on. Times are microseconds and rise strictly.
    """

    __slots__ = (
        "ask_sizes", "asks", "bid_sizes", "bids", "prices", "quoted", "takers", "times", "volumes",
    )  # fmt: skip

    def __init__(self) -> None:
        """Start before anything happened."""
        self.times, self.volumes = array("q"), array("q")
        self.prices, self.takers = array("H"), array("b")
        self.quoted = array("q")
        self.bids, self.asks = array("H"), array("H")
        self.bid_sizes, self.ask_sizes = array("q"), array("q")

    def add_trades(self, at_us: int, fills: list[Fill]) -> None:
        """Note the fills of one order; the last of them happens at `at_us`."""
        first = at_us - len(fills) + 1
        volume = 0
        if self.times:
            first = max(first, self.times[-1] + 1)
            volume = self.volumes[-1]
        for number, fill in enumerate(fills):
            volume += fill.count
            self.times.append(first + number)
            self.volumes.append(volume)
            self.prices.append(fill.price)
            self.takers.append(fill.taker.leg)

    def add_quote(self, at_us: int, book: OrderBook) -> None:
        """Note the top of the book if it changed."""
        yes, no = book.sides
        bid = yes.prices[-1] if yes.prices else _ABSENT
        ask = DOLLAR - no.prices[-1] if no.prices else DOLLAR
        bid_size = yes.totals[bid] if bid else 0
        ask_size = no.totals[DOLLAR - ask] if ask != DOLLAR else 0
        if self.quoted:
            if (
                self.bid_sizes[-1] == bid_size
                and self.ask_sizes[-1] == ask_size
                and self.bids[-1] == bid
                and self.asks[-1] == ask
            ):
                return
            at_us = max(at_us, self.quoted[-1] + 1)
        self.quoted.append(at_us)
        self.bids.append(bid)
        self.asks.append(ask)
        self.bid_sizes.append(bid_size)
        self.ask_sizes.append(ask_size)

    def count(self, at_us: int) -> int:
        """Return how many trades happened until and including a time."""
        times = self.times
        return len(times) if times and times[-1] <= at_us else bisect_right(times, at_us)

    def quotes(self, at_us: int) -> int:
        """Return how many quotes there were until and including a time."""
        quoted = self.quoted
        return len(quoted) if quoted and quoted[-1] <= at_us else bisect_right(quoted, at_us)

    def volume(self, trades: int) -> int:
        """Return the contracts of the first `trades` trades."""
        return self.volumes[trades - 1] if trades else 0

    def last(self, trades: int) -> int | None:
        """Return the price of the last of the first `trades` trades."""
        return self.prices[trades - 1] if trades else None

    def quote(self, at_us: int) -> Quote:
        """Return the quote at a time."""
        number = self.quotes(at_us) - 1
        if number < 0:
            return NO_QUOTE
        bid, ask = self.bids[number], self.asks[number]
        return Quote(
            bid or None,
            None if ask == DOLLAR else ask,
            self.bid_sizes[number],
            self.ask_sizes[number],
        )

    def trade(self, market: Market, number: int) -> Trade:
        """Return trade `number`, 0 is the first."""
        count = self.volumes[number] - self.volume(number)
        taker_yes = self.takers[number] == YES
        return Trade(market, number, self.times[number], count, self.prices[number], taker_yes)
