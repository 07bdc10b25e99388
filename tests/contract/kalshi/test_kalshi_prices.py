"""Candles, books and trades over HTTP."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from app.core.errors import PayloadInvalid, SourceRefused, SourceUnavailable
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.prices import KalshiPrices
from app.services.ports import PriceSource
from tests.contract.kalshi.scripted_exchange import Handler, ScriptedExchange, send

START = datetime(2026, 8, 7, 21, 25, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CANDLES = "/series/KXMLBGAME/markets/M/candlesticks"


@pytest.fixture
def prices(client: KalshiClient) -> KalshiPrices:
    return KalshiPrices(client)


def candle(end: datetime, **fields: Any) -> dict[str, Any]:
    return {"end_period_ts": int(end.timestamp()), "volume_fp": "1.00"} | fields


def test_it_is_a_price_source(prices: KalshiPrices) -> None:
    port: PriceSource = prices
    assert port.exchange == "kalshi"


async def test_candles(exchange: ScriptedExchange, prices: KalshiPrices) -> None:
    rows = [candle(START + 2 * MINUTE), candle(START), candle(START, volume_fp="-1"), "odd"]
    exchange.on(CANDLES, send({"ticker": "M", "candlesticks": rows}))
    page = await prices.fetch_candles(
        "KXMLBGAME", "M", start=START, end=START + timedelta(hours=1), interval=MINUTE
    )
    assert [found.end_at for found in page.candles] == [START, START + 2 * MINUTE]
    assert {found.market_ext_id for found in page.candles} == {"M"}
    assert len(page.rejects) == 2
    assert exchange.queries(CANDLES) == [
        {"start_ts": "1786137900", "end_ts": "1786141500", "period_interval": "1"}
    ]


@pytest.mark.parametrize(
    ("interval", "minutes"), [(timedelta(hours=1), "60"), (timedelta(days=1), "1440")]
)
async def test_candle_intervals(
    exchange: ScriptedExchange, prices: KalshiPrices, interval: timedelta, minutes: str
) -> None:
    exchange.on(CANDLES, send({"candlesticks": None}))
    page = await prices.fetch_candles("KXMLBGAME", "M", start=START, end=START, interval=interval)
    assert not page.candles
    assert exchange.queries(CANDLES)[0]["period_interval"] == minutes


async def test_long_spans_are_cut_without_gap_or_overlap(
    exchange: ScriptedExchange, prices: KalshiPrices
) -> None:
    exchange.on(CANDLES, send({"candlesticks": []}))
    end = START + timedelta(days=9)
    await prices.fetch_candles("KXMLBGAME", "M", start=START, end=end, interval=MINUTE)
    asked = [(int(q["start_ts"]), int(q["end_ts"])) for q in exchange.queries(CANDLES)]
    assert asked[0][0] == START.timestamp()
    assert asked[-1][1] == end.timestamp()
    assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(asked))
    assert all(last - first <= 5_000 * 60 for first, last in asked)


async def test_interval_kalshi_does_not_have(prices: KalshiPrices) -> None:
    with pytest.raises(ValueError, match="no candles"):
        await prices.fetch_candles("S", "M", start=START, end=START, interval=5 * MINUTE)


async def test_book(exchange: ScriptedExchange, prices: KalshiPrices) -> None:
    wire = {
        "yes_dollars": [["0.0100", "5.00"], ["0.4300", "1.50"]],
        "no_dollars": [["0.5500", "2.00"]],
    }
    exchange.on("/markets/M/orderbook", send({"orderbook_fp": wire}))
    before = datetime.now(UTC)
    book = await prices.fetch_book("M")
    assert [level.price for level in book.bids] == [Decimal("0.43"), Decimal("0.01")]
    assert [level.price for level in book.asks] == [Decimal("0.45")]
    assert before <= book.as_of <= datetime.now(UTC)


@pytest.mark.parametrize(
    "answer",
    [send({}), send({"orderbook_fp": {"yes_dollars": [["7", "1"]]}}), send({"orderbook_fp": 5})],
    ids=["none", "bad-level", "number"],
)
async def test_unreadable_book(
    exchange: ScriptedExchange, prices: KalshiPrices, answer: Handler
) -> None:
    exchange.on("/markets/M/orderbook", answer)
    with pytest.raises(PayloadInvalid, match="/markets/M/orderbook"):
        await prices.fetch_book("M")


async def test_book_of_no_market(prices: KalshiPrices) -> None:
    with pytest.raises(SourceRefused) as caught:
        await prices.fetch_book("NONE")
    assert caught.value.status == 404


def trade(number: int) -> dict[str, Any]:
    return {
        "trade_id": f"t{number}", "ticker": "M", "count_fp": "1.00", "yes_price_dollars": "0.4",
        "taker_outcome_side": "yes", "created_time": "2026-11-20T23:30:41Z",
    }  # fmt: skip


async def test_trades(exchange: ScriptedExchange, prices: KalshiPrices) -> None:
    exchange.on(
        "/markets/trades",
        send({"trades": [trade(1), trade(2)], "cursor": "c"}),
        send({"trades": [trade(3), {"trade_id": "bad"}], "cursor": ""}),
    )
    until = START + timedelta(hours=1)
    pages = [page async for page in prices.fetch_trades("M", since=START, until=until)]
    assert [found.ext_id for page in pages for found in page.trades] == ["t1", "t2", "t3"]
    assert [reject.ext_id for page in pages for reject in page.rejects] == ["bad"]
    assert exchange.queries("/markets/trades")[0] == {
        "ticker": "M", "min_ts": "1786137900", "max_ts": "1786141500", "limit": "1000",
    }  # fmt: skip


async def test_trades_that_end_oddly_say_so(
    exchange: ScriptedExchange, prices: KalshiPrices
) -> None:
    exchange.on("/markets/trades", send({"trades": [trade(1)], "cursor": "c"}))
    pages = prices.fetch_trades("M", since=START, until=START)
    assert [found.ext_id for found in (await anext(pages)).trades] == ["t1"]
    assert [found.ext_id for found in (await anext(pages)).trades] == ["t1"]
    with pytest.raises(SourceUnavailable, match="listing incomplete"):
        await anext(pages)
    await prices.close()
