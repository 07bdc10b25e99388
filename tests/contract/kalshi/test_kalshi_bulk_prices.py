"""Candles of many markets at once, and the trades of all."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from app.core.clock import SystemClock
from app.core.errors import PayloadInvalid, SourceRefused
from app.services.kalshi import open_kalshi_rest
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.prices import KalshiPrices
from tests.contract.kalshi.scripted_exchange import Handler, ScriptedExchange, send
from tests.sandbox_process import SandboxProcess

BULK = "/markets/candlesticks"
START = datetime(2026, 8, 7, 21, 25, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def prices(client: KalshiClient) -> KalshiPrices:
    return KalshiPrices(client)


def candle(end: datetime, **fields: Any) -> dict[str, Any]:
    return {"end_period_ts": int(end.timestamp()), "volume_fp": "1.00"} | fields


def market(ticker: str, *candles: object) -> dict[str, Any]:
    return {"market_ticker": ticker, "candlesticks": list(candles)}


async def test_every_field_of_the_recorded_answer(
    exchange: ScriptedExchange, prices: KalshiPrices, shared_data: Path
) -> None:
    packed = shared_data / "kalshi" / "rest" / "golden_jan2026_misc_endpoints.json.gz"
    document = json.loads(gzip.decompress(packed.read_bytes()))["candlesticks_batch_response"]
    (recorded,) = document["response"]["markets"]
    exchange.on(BULK, send(document["response"]))
    asked = document["_metadata"]
    page = await prices.fetch_candles_of(
        [recorded["market_ticker"]],
        start=datetime.fromtimestamp(asked["start_ts"], UTC),
        end=datetime.fromtimestamp(asked["end_ts"], UTC),
        interval=timedelta(days=1),
    )
    assert not page.rejects
    assert len(page.candles) == len(recorded["candlesticks"]) > 80
    for found, row in zip(page.candles, recorded["candlesticks"], strict=True):
        assert found.market_ext_id == recorded["market_ticker"]
        assert found.end_at.timestamp() == row["end_period_ts"]
        for name in ("open", "high", "low", "close"):
            cents = row["price"][name]
            assert getattr(found, name) == (None if cents is None else Decimal(cents) / 100)
            for side, wire in ((found.bid, row["yes_bid"]), (found.ask, row["yes_ask"])):
                assert getattr(side, name) == Decimal(wire[name]) / 100
        assert (found.volume, found.open_interest) == (row["volume"], row["open_interest"])


async def test_bad_rows_cost_themselves(exchange: ScriptedExchange, prices: KalshiPrices) -> None:
    good = candle(START + MINUTE, price={"close_dollars": "0.4000"})
    answer = [
        market("A", good, candle(START, volume_fp="-1"), "odd", {"end_period_ts": 10**18}),
        {"market_ticker": "B", "candlesticks": 7},
        {"market_ticker": "C"},
        market("STRANGER", good),
        {"candlesticks": [good]},
        "odd",
        market("D", good, good),
    ]
    exchange.on(BULK, send({"markets": answer}))
    page = await prices.fetch_candles_of(
        list("ABCD"), start=START, end=START + timedelta(hours=1), interval=MINUTE
    )
    assert [found.market_ext_id for found in page.candles] == ["A", "D"]
    assert page.candles[0].close == Decimal("0.4")
    assert [found.ext_id for found in page.rejects] == [
        *("A", "A", "A", "B", "STRANGER", None, None)
    ]
    assert exchange.queries(BULK) == [
        {
            "market_tickers": "A,B,C,D",
            "start_ts": "1786137900",
            "end_ts": "1786141500",
            "period_interval": "1",
        }
    ]


@pytest.mark.parametrize(
    ("markets", "span", "requests"),
    [
        (1, timedelta(days=7), 2),
        (2, timedelta(hours=1), 1),
        (250, timedelta(minutes=10), 3),
        (100, timedelta(minutes=99), 1),
        (100, timedelta(minutes=100), 2),
        (3, timedelta(minutes=9_999), 3),
        (0, timedelta(hours=1), 0),
    ],
)
async def test_no_request_asks_for_more_than_an_answer_holds(
    exchange: ScriptedExchange, prices: KalshiPrices, markets: int, span: timedelta, requests: int
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        tickers = request.query["market_tickers"].split(",")
        first, last = int(request.query["start_ts"]), int(request.query["end_ts"])
        ends = [s for s in range(first, last + 1) if s % 60 == 0]
        assert len(tickers) <= 100
        assert len(tickers) * len(ends) <= 10_000
        return web.json_response(
            {
                "markets": [
                    market(t, *(candle(datetime.fromtimestamp(s, UTC)) for s in ends))
                    for t in tickers
                ]
            }
        )

    exchange.on(BULK, answer)
    names = [f"M{n}" for n in range(markets)]
    page = await prices.fetch_candles_of(names, start=START, end=START + span, interval=MINUTE)
    assert len(exchange.queries(BULK)) == requests
    assert len(page.candles) == markets * (span // MINUTE + 1)
    found = [(c.market_ext_id, c.bucket_at) for c in page.candles]
    assert found == sorted(set(found))


@pytest.mark.parametrize("answer", [send({}), send({"markets": {}})], ids=["none", "object"])
async def test_an_answer_without_markets(
    exchange: ScriptedExchange, prices: KalshiPrices, answer: Handler
) -> None:
    exchange.on(BULK, answer)
    with pytest.raises(PayloadInvalid, match="list of markets"):
        await prices.fetch_candles_of(["A"], start=START, end=START, interval=MINUTE)


async def test_an_interval_kalshi_does_not_have(prices: KalshiPrices) -> None:
    with pytest.raises(ValueError, match="no candles"):
        await prices.fetch_candles_of(["A"], start=START, end=START, interval=5 * MINUTE)


def trade(number: int, ticker: str) -> dict[str, Any]:
    return {
        "trade_id": f"t{number}", "ticker": ticker, "count_fp": "1.00", "yes_price_dollars": "0.4",
        "taker_outcome_side": "yes", "created_time": "2026-11-20T23:30:41Z",
    }  # fmt: skip


@pytest.mark.parametrize(("combos", "found"), [(False, ["t1", "t3"]), (True, ["t1", "t2", "t3"])])
async def test_trades_of_all_markets(
    exchange: ScriptedExchange, client: KalshiClient, combos: bool, found: list[str]
) -> None:
    exchange.on(
        "/markets/trades",
        send({"trades": [trade(1, "A"), trade(2, "KXMVESPORTS-1")], "cursor": "c"}),
        send({"trades": [trade(3, "B"), {"trade_id": "bad"}], "cursor": ""}),
    )
    source = KalshiPrices(client, include_combos=combos)
    until = START + timedelta(hours=1)
    pages = [page async for page in source.fetch_all_trades(since=START, until=until)]
    assert [one.ext_id for page in pages for one in page.trades] == found
    assert [reject.ext_id for page in pages for reject in page.rejects] == ["bad"]
    assert exchange.queries("/markets/trades")[0] == {
        "min_ts": "1786137900", "max_ts": "1786141500", "limit": "1000",
    }  # fmt: skip


async def test_the_sandboxs_candles_are_those_of_each_market(sandbox: SandboxProcess) -> None:
    markets, prices = open_kalshi_rest(sandbox.settings(), SystemClock())
    rows = sorted(
        (row for row in sandbox.rows("markets").values() if row["status"] == "active"),
        key=lambda row: float(row["volume_24h_fp"]),
    )[-4:]
    names = [row["ticker"] for row in rows]
    end = datetime.fromisoformat(sandbox.control("/_clock")["now"])
    span = {"start": end - timedelta(days=2), "end": end, "interval": MINUTE}
    page = await prices.fetch_candles_of(names, **span)  # type: ignore[arg-type]
    assert not page.rejects
    for row in rows:
        series = sandbox.rows("events")[row["event_ticker"]]["series_ticker"]
        alone = await prices.fetch_candles(series, row["ticker"], **span)  # type: ignore[arg-type]
        of_it = [found for found in page.candles if found.market_ext_id == row["ticker"]]
        assert of_it == alone.candles
    assert page.candles
    with pytest.raises(SourceRefused):
        await prices.fetch_candles_of([*names, "NO-SUCH"], **span)  # type: ignore[arg-type]
    trades = [
        one
        async for found in prices.fetch_all_trades(since=end - timedelta(minutes=5), until=end)
        for one in found.trades
    ]
    assert trades == sorted(trades, key=lambda one: one.traded_at, reverse=True)
    await markets.close()
    await prices.close()
