"""Books, trades and candles on the wire agree with each other and with the market row."""

from decimal import Decimal
from typing import Any

import pytest

from tests.contract.sandbox.conftest import NOON_US, Talk

NOON_S = NOON_US // 1_000_000
WEEK_S = 7 * 86_400


@pytest.fixture
async def market(talk: Talk) -> dict[str, Any]:
    """A market that trades now and then and is quoted on both sides."""
    rows = await talk.walk("/markets", "markets", limit=1000, status="open", mve_filter="exclude")
    return next(
        row
        for row in rows
        if 200 < float(row["volume_fp"]) < 5000
        and "0.00" not in (row["yes_bid_size_fp"], row["yes_ask_size_fp"])
    )


async def test_the_book_holds_the_quote(talk: Talk, market: dict[str, Any]) -> None:
    path = f"/markets/{market['ticker']}/orderbook"
    book = (await talk.json(path))["orderbook_fp"]
    assert book["yes_dollars"][-1] == [market["yes_bid_dollars"], market["yes_bid_size_fp"]]
    assert book["no_dollars"][-1] == [market["no_bid_dollars"], market["yes_ask_size_fp"]]
    for side in book.values():
        prices = [Decimal(price) for price, _ in side]
        assert prices == sorted(prices)
    short = (await talk.json(path, depth=1))["orderbook_fp"]
    assert short == {name: side[-1:] for name, side in book.items()}
    assert (await talk.get(path, depth=101)).status_code == 400


async def test_books_of_many(talk: Talk, market: dict[str, Any]) -> None:
    ticker = market["ticker"]
    single = await talk.json(f"/markets/{ticker}/orderbook")
    many = await talk.json("/markets/orderbooks", tickers=[ticker, ticker])
    assert many["orderbooks"] == [{"ticker": ticker, **single}] * 2
    assert (await talk.get("/markets/orderbooks")).status_code == 400
    flat = (await talk.get("/markets/orderbooks", tickers=["A"] * 101)).json()
    assert flat["code"] == "bad_request"


async def test_yes_and_no_prices_add_up(talk: Talk, market: dict[str, Any]) -> None:
    trades = (await talk.json("/markets/trades", ticker=market["ticker"]))["trades"]
    for trade in trades:
        assert Decimal(trade["yes_price_dollars"]) + Decimal(trade["no_price_dollars"]) == 1
        side = {"yes": "bid", "no": "ask"}[trade["taker_outcome_side"]]
        assert trade["taker_book_side"] == side
    for name in ("bid", "ask"):
        other = {"bid": "ask", "ask": "bid"}[name]
        assert Decimal(market[f"yes_{name}_dollars"]) + Decimal(market[f"no_{other}_dollars"]) == 1


@pytest.mark.parametrize("minutes", [1, 60, 1440])
async def test_candles_fold_the_trades(talk: Talk, market: dict[str, Any], minutes: int) -> None:
    series = market["ticker"].split("-")[0]
    span = {"start_ts": NOON_S - 6 * 86_400, "end_ts": NOON_S, "period_interval": minutes}
    path = f"/series/{series}/markets/{market['ticker']}/candlesticks"
    candles = (await talk.json(path, **span))["candlesticks"]
    trades = await talk.walk("/markets/trades", "trades", ticker=market["ticker"], limit=1000)
    ends = [candle["end_period_ts"] for candle in candles]
    assert ends == sorted(set(ends))
    assert all(end % (minutes * 60) == 0 for end in ends)
    total = sum(Decimal(candle["volume_fp"]) for candle in candles)
    if minutes == 1 and candles:
        inside = [t for t in trades if t["created_time"] > "2026-11-16T11:59:00Z"]
        assert total == sum(Decimal(trade["count_fp"]) for trade in inside)
    for candle in candles:
        traded = candle["volume_fp"] != "0.00"
        assert ("close_dollars" in candle["price"]) == traded
        assert set(candle["price"]) <= {
            f"{name}_dollars" for name in ("open", "high", "low", "close", "mean", "previous")
        }


async def test_batches_and_events_give_the_same_candles(talk: Talk, market: dict[str, Any]) -> None:
    ticker, event = market["ticker"], market["event_ticker"]
    series = ticker.split("-")[0]
    span = {"start_ts": NOON_S - 86_400, "end_ts": NOON_S, "period_interval": 60}
    single = await talk.json(f"/series/{series}/markets/{ticker}/candlesticks", **span)
    batch = await talk.json("/markets/candlesticks", market_tickers=ticker, **span)
    assert batch["markets"] == [{"market_ticker": ticker, "candlesticks": single["candlesticks"]}]
    whole = await talk.json(f"/series/{series}/events/{event}/candlesticks", **span)
    place = whole["market_tickers"].index(ticker)
    assert whole["market_candlesticks"][place] == single["candlesticks"]


async def test_the_last_price_before_the_start_is_carried_on_request(
    talk: Talk, market: dict[str, Any]
) -> None:
    series = market["ticker"].split("-")[0]
    path = f"/series/{series}/markets/{market['ticker']}/candlesticks"
    span = {"start_ts": NOON_S - 60, "end_ts": NOON_S, "period_interval": 60}
    plain = (await talk.json(path, **span))["candlesticks"]
    first = (await talk.json(path, **span, include_latest_before_start="true"))["candlesticks"]
    assert len(first) == len(plain) + 1
    assert set(first[0]["price"]) == {"previous_dollars"}


@pytest.mark.parametrize(
    "span",
    [
        pytest.param({"start_ts": 0, "end_ts": 60, "period_interval": 5}, id="interval"),
        pytest.param({"end_ts": 60, "period_interval": 1}, id="no-start"),
        pytest.param({"start_ts": 60, "end_ts": 0, "period_interval": 1}, id="backwards"),
        pytest.param({"start_ts": 0, "end_ts": NOON_S, "period_interval": 1}, id="too-many"),
    ],
)
async def test_refused_spans(talk: Talk, market: dict[str, Any], span: dict[str, int]) -> None:
    series = market["ticker"].split("-")[0]
    path = f"/series/{series}/markets/{market['ticker']}/candlesticks"
    assert (await talk.get(path, **span)).status_code == 400


async def test_candles_need_the_right_parents(talk: Talk, market: dict[str, Any]) -> None:
    span = {"start_ts": NOON_S - WEEK_S, "end_ts": NOON_S, "period_interval": 1440}
    ticker = market["ticker"]
    assert (
        await talk.get(f"/series/KXODD/markets/{ticker}/candlesticks", **span)
    ).status_code == 404
    many = ",".join(["A"] * 101)
    response = await talk.get("/markets/candlesticks", market_tickers=many, **span)
    assert response.status_code == 400
