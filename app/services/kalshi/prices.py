"""Kalshi's candles, books and trades as the port `PriceSource`."""

import math
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from app.core.errors import PayloadInvalid
from app.domain.books import OrderBook
from app.domain.candles import Candle, CandlePage
from app.domain.catalogue import Reject
from app.domain.trades import PublicTrade, TradePage
from app.domain.types import Exchange
from app.services.kalshi.bulk_candles import BULK_PATH, bulk_params, bulk_requests, translate_bulk
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.errors import SOURCE
from app.services.kalshi.normalize import (
    RowTranslator,
    clean_row,
    is_combo_market,
    to_candle,
    to_order_book,
    to_public_trade,
)
from app.services.kalshi.paging import read_pages
from app.services.kalshi.tickers import market_path, series_path

INTERVALS = frozenset({timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)})
_PERIODS_PER_REQUEST = 5_000
_TRADES_PER_PAGE = "1000"
_TRADES = "/markets/trades"


class KalshiPrices:
    """Kalshi's candles, books and trades; see `PriceSource` for what each method promises."""

    exchange = Exchange.KALSHI

    def __init__(self, client: KalshiClient, *, include_combos: bool = False) -> None:
        self._client = client
        self._include_combos = include_combos

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
        _check(interval)
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

    async def fetch_candles_of(
        self,
        market_ext_ids: Sequence[str],
        *,
        start: datetime,
        end: datetime,
        interval: timedelta,
    ) -> CandlePage:
        """Fetch the candles of many markets whose period ends in `start`..`end`, both included.

        A market of which nothing can be read becomes a reject; one unknown to Kalshi makes
        it refuse the request it is in.

        Args:
            interval: one minute, hour or day; anything else is the caller's mistake (ValueError).
        """
        _check(interval)
        candles: dict[tuple[str, datetime], Candle] = {}
        rejects: list[Reject] = []
        for request in bulk_requests(market_ext_ids, start, end, interval):
            answer = await self._client.get(BULK_PATH, bulk_params(request, interval))
            page = translate_bulk(answer.document, request, interval)
            candles |= {(found.market_ext_id, found.bucket_at): found for found in page.candles}
            rejects += page.rejects
        return CandlePage([candles[key] for key in sorted(candles)], rejects)

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
        asked = {"ticker": market_ext_id, **_trade_window(since, until)}
        async for page in read_pages(self._client, _TRADES, asked, key="trades"):
            yield _to_trades(page.rows)

    async def fetch_all_trades(
        self, *, since: datetime, until: datetime
    ) -> AsyncIterator[TradePage]:
        """Yield the trades of all markets in `since`..`until`, newest first.

        Those of combos are left out, unless the setting says otherwise: Kalshi has no
        filter for them here.
        """
        asked = _trade_window(since, until)
        async for page in read_pages(self._client, _TRADES, asked, key="trades"):
            rows = page.rows
            if not self._include_combos:
                rows = [row for row in rows if not is_combo_market(row)]
            yield _to_trades(rows)

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()


def _check(interval: timedelta) -> None:
    if interval not in INTERVALS:
        raise ValueError(f"Kalshi has no candles of {interval}")


def _trade_window(since: datetime, until: datetime) -> dict[str, str]:
    return {
        "min_ts": str(math.floor(since.timestamp())),
        "max_ts": str(math.ceil(until.timestamp())),
        "limit": _TRADES_PER_PAGE,
    }


def _to_trades(wire: Sequence[object]) -> TradePage:
    rows = RowTranslator()
    found = (rows.translate("trade", row, to_public_trade, id_key="trade_id") for row in wire)
    trades: list[PublicTrade] = [trade for trade in found if trade is not None]
    return TradePage(trades, rows.rejects)


def _windows(start: datetime, end: datetime, interval: timedelta) -> Iterator[tuple[int, int]]:
    """Cut a time span into requests of a size Kalshi answers, in Unix seconds."""
    first, last = math.floor(start.timestamp()), math.ceil(end.timestamp())
    step = int(interval.total_seconds()) * _PERIODS_PER_REQUEST
    while first <= last:
        yield first, min(first + step, last)
        first += step + 1
