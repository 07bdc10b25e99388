"""Kalshi's candles, books and trades as the port `PriceSource`."""

import math
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from functools import partial

from app.core.errors import PayloadInvalid
from app.domain.books import OrderBook
from app.domain.candles import Candle, CandlePage
from app.domain.trades import PublicTrade, TradePage
from app.domain.types import Exchange
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.errors import SOURCE
from app.services.kalshi.normalize import (
    RowTranslator,
    clean_row,
    to_candle,
    to_order_book,
    to_public_trade,
)
from app.services.kalshi.paging import Page, read_pages
from app.services.kalshi.tickers import market_path, series_path

INTERVALS = frozenset({timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)})
_PERIODS_PER_REQUEST = 5_000


class KalshiPrices:
    """Kalshi's candles, books and trades; see `PriceSource` for what each method promises."""

    exchange = Exchange.KALSHI

    def __init__(self, client: KalshiClient) -> None:
        self._client = client

    async def fetch_candles(
        self,
        series_ext_id: str,
        market_ext_id: str,
        *,
        start: datetime,
        end: datetime,
        interval: timedelta,
    ) -> CandlePage:
        """Fetch the candles whose period ends in `start`..`end`, both included.

        Markets settled before the historical cutoff are not here (404).

        Args:
            interval: one minute, hour or day; anything else is the caller's mistake (ValueError).
        """
        if interval not in INTERVALS:
            raise ValueError(f"Kalshi has no candles of {interval}")
        path = f"{series_path(series_ext_id)}{market_path(market_ext_id)}/candlesticks"
        minutes = str(int(interval.total_seconds()) // 60)
        rows = RowTranslator()
        to_ours = partial(to_candle, market_ext_id=market_ext_id, interval=interval)
        candles: dict[datetime, Candle] = {}
        for first, last in _windows(start, end, interval):
            asked = {"start_ts": str(first), "end_ts": str(last), "period_interval": minutes}
            async for page in read_pages(self._client, path, asked, key="candlesticks"):
                for row in page.rows:
                    candle = rows.translate("candle", row, to_ours, ext_id=market_ext_id)
                    if candle is not None:
                        candles[candle.bucket_at] = candle
        ordered = [candles[at] for at in sorted(candles)]
        return CandlePage(ordered, rows.rejects)

    async def fetch_book(self, market_ext_id: str) -> OrderBook:
        """Fetch all open offers of one market.

        Raises:
            PayloadInvalid: the book, or one of its levels, cannot be read.
        """
        path = f"{market_path(market_ext_id)}/orderbook"
        answer = await self._client.get(path)
        try:
            return to_order_book(
                clean_row(answer.document), market_ext_id=market_ext_id, as_of=answer.asked_at
            )
        except ValueError as error:
            raise PayloadInvalid(SOURCE, f"GET {path}: the book cannot be read") from error

    async def fetch_trades(
        self, market_ext_id: str, *, since: datetime, until: datetime
    ) -> AsyncIterator[TradePage]:
        """Yield the trades of one market in `since`..`until`, newest first."""
        asked = {
            "ticker": market_ext_id,
            "min_ts": str(math.floor(since.timestamp())),
            "max_ts": str(math.ceil(until.timestamp())),
            "limit": "1000",
        }
        async for page in read_pages(self._client, "/markets/trades", asked, key="trades"):
            yield _to_trades(page)

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()


def _to_trades(page: Page) -> TradePage:
    rows = RowTranslator()
    found = (rows.translate("trade", row, to_public_trade, id_key="trade_id") for row in page.rows)
    trades: list[PublicTrade] = [trade for trade in found if trade is not None]
    return TradePage(trades, rows.rejects)


def _windows(start: datetime, end: datetime, interval: timedelta) -> Iterator[tuple[int, int]]:
    """Cut a time span into requests of a size Kalshi answers, in Unix seconds."""
    first, last = math.floor(start.timestamp()), math.ceil(end.timestamp())
    step = int(interval.total_seconds()) * _PERIODS_PER_REQUEST
    while first <= last:
        yield first, min(first + step, last)
        first += step + 1
