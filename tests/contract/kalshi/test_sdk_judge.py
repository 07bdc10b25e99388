"""Kalshi's own SDK as the outside judge: same signatures, same reading of the same answers.

It is installed from `requirements-judge.txt` for tests only; without it these skip.
"""

import gzip
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.core.clock import SystemClock
from app.domain.catalogue import Market, Quote
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.decoding import decode_json
from app.services.kalshi.paging import Page
from app.services.kalshi.prices import KalshiPrices
from app.services.kalshi.source import KalshiMarkets, open_kalshi
from app.services.kalshi.translation import translate_events
from tests.contract.kalshi.independent_reading import STATUSES, offer
from tests.sandbox_process import SandboxProcess

sdk = pytest.importorskip(
    "kalshi_python_async", reason="the judge is not installed (requirements-judge.txt)"
)
judge_auth = pytest.importorskip("kalshi_python_async.auth")
judge_models = pytest.importorskip("kalshi_python_async.models.get_events_response")

KEY_ID = "0b3b2f1c-5f6e-4a57-9d7c-2f9d1d1f4e11"
URL = "http://127.0.0.1:1/trade-api/v2/markets?limit=5&cursor=x"
NOW = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)


@pytest.fixture
async def judge(sandbox: SandboxProcess) -> AsyncIterator[Any]:
    """The SDK's client, pointed at the sandbox with a key of its own."""
    settings = sandbox.settings()
    configuration = sdk.Configuration(host=settings.base_api_url)
    configuration.api_key_id = settings.api_key_id
    configuration.private_key_pem = settings.private_key.get_secret_value()
    client = sdk.KalshiClient(configuration)
    yield client
    await client.close()


@pytest.fixture
async def source(sandbox: SandboxProcess) -> AsyncIterator[KalshiMarkets]:
    ours = KalshiMarkets(open_kalshi(sandbox.settings(), SystemClock()))
    yield ours
    await ours.close()


def headers_of_both(pem: str, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, str], Any]:
    """Sign the same request at the same moment; return the judge's headers and ours."""
    monkeypatch.setattr(judge_auth.time, "time", NOW.timestamp)
    theirs = judge_auth.KalshiAuth(KEY_ID, pem).create_auth_headers("get", URL)
    return theirs, KalshiSigner(KEY_ID, pem).headers("get", "/trade-api/v2/markets", NOW)


def test_ed25519_headers_are_the_judges_to_the_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    theirs, ours = headers_of_both(pem, monkeypatch)
    assert dict(ours) == theirs


def test_rsa_signs_the_same_text_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """PSS signatures are random, so the judge's signer is given our text and ours its."""
    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    signed: list[bytes] = []
    real = judge_auth.KalshiAuth.sign
    monkeypatch.setattr(
        judge_auth.KalshiAuth,
        "sign",
        lambda self, text: signed.append(text) or real(self, text),  # type: ignore[func-returns-value]
    )
    theirs, ours = headers_of_both(pem, monkeypatch)
    stamp = ours["KALSHI-ACCESS-TIMESTAMP"]
    assert signed == [f"{stamp}GET/trade-api/v2/markets".encode()]
    assert {name for name in theirs if theirs[name] == ours[name]} == {
        "KALSHI-ACCESS-KEY",
        "KALSHI-ACCESS-TIMESTAMP",
    }
    assert len(theirs["KALSHI-ACCESS-SIGNATURE"]) == len(ours["KALSHI-ACCESS-SIGNATURE"])


def assert_same_market(theirs: Any, market: Market, quote: Quote) -> None:
    """Compare the judge's market with ours field by field."""
    assert (theirs.ticker, theirs.event_ticker) == (market.ext_id, market.event_ext_id)
    assert (theirs.title, theirs.market_type) == (market.title, market.market_type)
    assert (theirs.rules_primary, theirs.rules_secondary) == (
        market.rules_primary,
        market.rules_secondary,
    )
    assert STATUSES[theirs.status] == market.status
    assert (theirs.result or None) == market.result
    assert (theirs.open_time, theirs.close_time) == (market.open_at, market.close_at)
    assert (theirs.created_time, theirs.updated_time) == (market.listed_at, market.source_ts)
    assert theirs.latest_expiration_time == market.latest_expiration_at
    assert theirs.expected_expiration_time == market.expected_expiration_at
    assert theirs.settlement_ts == market.settled_at
    for number, ours in (
        (theirs.floor_strike, market.floor_strike),
        (theirs.cap_strike, market.cap_strike),
    ):
        assert ours == (None if number is None else Decimal(str(number)))
    assert offer(theirs.yes_bid_dollars, theirs.yes_bid_size_fp) == quote.bid
    assert offer(theirs.yes_ask_dollars, theirs.yes_ask_size_fp) == quote.ask
    assert Decimal(theirs.last_price_dollars) == (quote.last or 0)
    assert Decimal(theirs.volume_fp) == quote.volume
    assert Decimal(theirs.open_interest_fp) == quote.open_interest
    assert [Decimal(grid.step) for grid in theirs.price_ranges] == [
        grid.step for grid in market.price_ranges
    ]


async def test_events_with_markets(judge: Any, source: KalshiMarkets) -> None:
    theirs: dict[str, Any] = {}
    for status in ("unopened", "open", "closed"):
        answer = await judge.get_events(limit=200, with_nested_markets=True, status=status)
        assert answer.cursor == ""
        theirs |= {event.event_ticker: event for event in answer.events}
    compared = 0
    async for page in source.fetch_catalogue():
        assert not page.rejects
        quotes = {quote.market_ext_id: quote for quote in page.quotes}
        by_ticker = {market.ext_id: market for market in page.markets}
        for event in page.events:
            judged = theirs.pop(event.ext_id)
            assert (judged.series_ticker, judged.title) == (event.series_ext_id, event.title)
            assert (judged.sub_title, judged.mutually_exclusive) == (
                event.subtitle,
                event.is_mutually_exclusive,
            )
            assert judged.strike_date == event.strike_at
            for market in judged.markets or ():
                assert_same_market(market, by_ticker[market.ticker], quotes[market.ticker])
                compared += 1
    assert not theirs
    assert compared > 100


async def test_series(judge: Any, source: KalshiMarkets) -> None:
    answer = await judge.get_series_list()
    judged = {series.ticker: series for series in answer.series}
    async for page in source.fetch_series():
        assert not page.rejects
        for series in page.series:
            theirs = judged.pop(series.ext_id)
            assert (theirs.title, theirs.category) == (series.title, series.category)
            assert (theirs.fee_type, theirs.frequency) == (series.fee_type, series.frequency)
            assert Decimal(str(theirs.fee_multiplier)) == series.fee_multiplier
            assert tuple(theirs.tags or ()) == series.tags
            assert theirs.last_updated_ts == series.source_ts
    assert not judged


async def test_status_limits_and_filters(judge: Any, source: KalshiMarkets) -> None:
    status, ours = await judge.get_exchange_status(), await source.fetch_status()
    assert (status.exchange_active, status.trading_active) == (ours.is_active, ours.is_trading)
    assert (await judge.get_account_api_limits()).read.refill_rate == 200
    since = int((datetime.now(UTC) - timedelta(days=1)).timestamp())
    for filters in (
        {"min_updated_ts": since, "mve_filter": "exclude"},
        {"min_close_ts": since, "max_close_ts": since + 172_800, "mve_filter": "exclude"},
        {"status": "settled", "min_settled_ts": since, "mve_filter": "exclude"},
        {"status": "paused", "mve_filter": "exclude"},
    ):
        assert (await judge.get_markets(limit=1000, **filters)).cursor is not None


@pytest.fixture
async def prices(sandbox: SandboxProcess) -> AsyncIterator[KalshiPrices]:
    ours = KalshiPrices(open_kalshi(sandbox.settings(), SystemClock()))
    yield ours
    await ours.close()


@pytest.fixture
def ticker(sandbox: SandboxProcess) -> str:
    """A market that trades."""
    rows = sandbox.rows("markets")
    return next(name for name, row in rows.items() if row["status"] == "active")


async def test_books(judge: Any, prices: KalshiPrices, ticker: str) -> None:
    judged = (await judge.get_market_orderbook(ticker)).orderbook_fp
    book = await prices.fetch_book(ticker)
    assert {Decimal(price) for price, _ in judged.yes_dollars} == {b.price for b in book.bids}
    assert {1 - Decimal(price) for price, _ in judged.no_dollars} == {a.price for a in book.asks}


async def test_candles(judge: Any, prices: KalshiPrices, ticker: str) -> None:
    series = ticker.partition("-")[0]
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(hours=3)
    page = await prices.fetch_candles(
        series, ticker, start=start, end=end, interval=timedelta(minutes=1)
    )
    span = {"start_ts": int(start.timestamp()), "end_ts": int(end.timestamp())}
    answer = await judge.get_market_candlesticks(series, ticker, period_interval=1, **span)
    for theirs, ours in zip(answer.candlesticks, page.candles, strict=True):
        assert theirs.end_period_ts == ours.end_at.timestamp()
        close = theirs.price.close_dollars
        assert ours.close == (None if close is None else Decimal(close))
        assert ours.volume == Decimal(theirs.volume_fp)
        assert ours.bid.close == offer(theirs.yes_bid.close_dollars)


async def test_trades(judge: Any, prices: KalshiPrices, ticker: str) -> None:
    judged = (await judge.get_trades(limit=1000, ticker=ticker)).trades
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    pages = prices.fetch_trades(ticker, since=long_ago, until=datetime.now(UTC))
    trades = [trade async for page in pages for trade in page.trades]
    for theirs, ours in zip(judged, trades, strict=True):
        assert (theirs.trade_id, theirs.created_time) == (ours.ext_id, ours.traded_at)
        assert Decimal(theirs.yes_price_dollars) == ours.price
        assert Decimal(theirs.count_fp) == ours.contracts


async def test_recorded_events(shared_data: Path) -> None:
    """The judge cannot read last August's rows unless the field required since is put in."""
    packed = shared_data / "kalshi" / "rest" / "events_nested_sports_2026-08-07.json.gz"
    recorded = json.loads(gzip.decompress(packed.read_bytes()))
    answer = {"events": recorded, "cursor": ""}
    with pytest.raises(ValueError, match="settlement_bounds_type"):
        judge_models.GetEventsResponse.from_json(json.dumps(answer))
    for event in recorded:
        for market in event["markets"]:
            market["settlement_bounds_type"] = "default"
    judged = judge_models.GetEventsResponse.from_json(json.dumps(answer))
    rows = decode_json(json.dumps(recorded).encode())
    assert isinstance(rows, list)
    page = await translate_events(Page(rows, NOW), seen=set(), with_combos=True)
    theirs = [market for event in judged.events for market in event.markets]
    assert len(theirs) == len(page.markets) == 245
    for market, ours, quote in zip(theirs, page.markets, page.quotes, strict=True):
        assert_same_market(market, ours, quote)
