"""Tickers of the world's markets, each later than the one before."""

from __future__ import annotations

from sandbox.vendors.kalshi.stream.messages import (
    MS,
    Message,
    TickerState,
    ticker_message,
    ticker_state,
)
from sandbox.world.model import Market
from sandbox.world.prices import PriceSource


class Tickers:
    """Remembers the encoded state of each market until it changes."""

    def __init__(self, prices: PriceSource) -> None:
        """Remember nothing yet."""
        self._prices = prices
        self._states: dict[str, TickerState] = {}
        self._stamps: dict[str, int] = {}

    def forget(self, ticker: str) -> None:
        """Note that a market changed."""
        self._states.pop(ticker, None)

    def message(self, market: Market, at_us: int, now_us: int) -> Message:
        """Return a ticker with the market's state of now; its `ts_ms` is about `at_us`."""
        ticker = market.ticker
        state = self._states.get(ticker)
        if state is None:
            state = self._states[ticker] = self._read(market, now_us)
        ts_ms = self._stamps[ticker] = max(at_us // MS, self._stamps.get(ticker, 0) + 1)
        return ticker_message(state, ts_ms)

    def _read(self, market: Market, now_us: int) -> TickerState:
        trades = self._prices.count(market, now_us)
        size = self._prices.trade(market, trades - 1).count if trades else 0
        return ticker_state(market, self._prices.snapshot(market, now_us), size)
