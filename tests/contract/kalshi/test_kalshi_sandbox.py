"""The adapter against the sandbox: true catalogue, kept budget, and every fault survived."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.clock import SystemClock
from app.core.errors import SourceError
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.health import check
from app.services.kalshi.paging import ListingIncomplete
from app.services.kalshi.prices import KalshiPrices
from app.services.kalshi.source import KalshiMarkets, open_kalshi
from tests.sandbox_process import SandboxProcess

FINAL = {"finalized", "settled"}
PATIENT = RetryPolicy(attempts=12, first_s=0.005, longest_s=0.02)


@pytest.fixture
async def client(sandbox: SandboxProcess) -> AsyncIterator[KalshiClient]:
    """A signed client that is quick to try again."""
    signed = open_kalshi(sandbox.settings(timeout_s=2), SystemClock(), retry=PATIENT)
    yield signed
    await signed.close()


@pytest.fixture
def source(client: KalshiClient) -> KalshiMarkets:
    return KalshiMarkets(client)


async def read(source: KalshiMarkets) -> tuple[dict[str, Any], set[str | None], Exception | None]:
    """Return markets by ticker, the ids of rejects, and what ended the listing early."""
    markets: dict[str, Any] = {}
    rejects: set[str | None] = set()
    try:
        async for page in source.fetch_catalogue():
            markets |= {market.ext_id: market for market in page.markets}
            rejects |= {reject.ext_id for reject in page.rejects}
    except SourceError as error:
        return markets, rejects, error
    return markets, rejects, None


def unsettled(sandbox: SandboxProcess) -> set[str]:
    rows = sandbox.rows("markets")
    return {
        ticker
        for ticker, row in rows.items()
        if row["status"] not in FINAL and not row.get("mve_collection_ticker")
    }


async def test_catalogue_is_the_truth(sandbox: SandboxProcess, source: KalshiMarkets) -> None:
    markets, rejects, error = await read(source)
    assert (rejects, error) == (set(), None)
    assert unsettled(sandbox) <= markets.keys()
    truth = sandbox.rows("markets")
    for ticker, market in markets.items():
        assert market.title == truth[ticker]["title"]
        assert market.metadata["status"] == truth[ticker]["status"]
    assert sandbox.stats()["sent_429"] == 0


async def test_both_key_types_are_accepted(sandbox: SandboxProcess) -> None:
    for key_type in ("rsa", "ed25519"):
        signed = open_kalshi(sandbox.settings(key_type=key_type), SystemClock())
        found = await check(signed)
        assert (found.is_key_good, found.problem) == (True, None)
        await signed.close()
    assert sandbox.stats()["unauthorized"] == 0


async def test_a_strangers_key_is_refused(sandbox: SandboxProcess) -> None:
    known = sandbox.settings()
    other = sandbox.settings(private_key=known.private_key.get_secret_value())
    signed = open_kalshi(other, SystemClock())
    found = await check(signed)
    assert found.is_key_good is False
    assert "401" in (found.problem or "")
    await signed.close()


async def test_budget_holds_under_load(sandbox: SandboxProcess, client: KalshiClient) -> None:
    """60 calls at once: counted at the exchange, no second above what its bucket refills."""
    await asyncio.gather(*(client.get("/exchange/status") for _ in range(60)))
    stats = sandbox.stats()
    assert stats["tokens_spent"] == 600
    assert stats["max_tokens_per_second"] <= 200
    assert (stats["over_budget"], stats["sent_429"]) == (0, 0)


REQUEST_FAULTS = ["rate_429", "error_500", "error_503", "reset", "truncate"]
ROW_FAULTS = ["unknown_enum", "nulls", "missing_fields", "extra_fields", "poisoned_rows"]
HARMLESS_PAGE_FAULTS = ["null_cursor", "absent_cursor", "reorder"]
BREAKING_PAGE_FAULTS = ["repeat_cursor", "empty_page_with_cursor"]


@pytest.mark.parametrize("fault", REQUEST_FAULTS)
async def test_request_faults_cost_time_only(
    sandbox: SandboxProcess, source: KalshiMarkets, fault: str
) -> None:
    wanted = unsettled(sandbox)
    sandbox.control("/_faults", "PUT", {"kalshi": {fault: {"rate": 1, "count": 5}}})
    markets, rejects, error = await read(source)
    assert (rejects, error) == (set(), None)
    assert wanted <= markets.keys()
    assert sandbox.stats()["faults"][fault] == 5


@pytest.mark.parametrize("fault", ROW_FAULTS)
async def test_row_faults_cost_their_rows_only(
    sandbox: SandboxProcess, source: KalshiMarkets, fault: str
) -> None:
    wanted = unsettled(sandbox)
    sandbox.control("/_faults", "PUT", {"kalshi": {fault: 0.2}})
    markets, rejects, error = await read(source)
    assert error is None
    stats = sandbox.stats()
    touched = set(stats["poisoned"].get("markets", {})) | set(stats["altered"].get("markets", {}))
    assert touched
    assert wanted - touched <= markets.keys()
    assert not rejects & (markets.keys() - touched)
    if fault in {"unknown_enum", "extra_fields"}:
        assert not rejects


@pytest.mark.parametrize("fault", HARMLESS_PAGE_FAULTS)
async def test_other_spellings_of_the_end(
    sandbox: SandboxProcess, source: KalshiMarkets, fault: str
) -> None:
    sandbox.control("/_faults", "PUT", {"kalshi": {fault: True}})
    markets, rejects, error = await read(source)
    assert (rejects, error) == (set(), None)
    assert markets


@pytest.mark.parametrize("fault", BREAKING_PAGE_FAULTS)
async def test_lists_that_do_not_end_are_never_taken_for_whole(
    sandbox: SandboxProcess, source: KalshiMarkets, fault: str
) -> None:
    wanted = unsettled(sandbox)
    sandbox.control("/_faults", "PUT", {"kalshi": {fault: {"rate": 1, "at": "end"}}})
    markets, _, error = await read(source)
    assert isinstance(error, ListingIncomplete)
    assert wanted <= markets.keys()


async def test_prices(sandbox: SandboxProcess, client: KalshiClient) -> None:
    prices = KalshiPrices(client)
    rows = sandbox.rows("markets")
    active = [row for row in rows.values() if row["status"] == "active"]
    ticker = max(active, key=lambda row: float(row["volume_24h_fp"]))["ticker"]
    series = ticker.partition("-")[0]
    now = datetime.now(UTC)
    candles = await prices.fetch_candles(
        series, ticker, start=now - timedelta(hours=6), end=now, interval=timedelta(minutes=1)
    )
    assert candles.candles
    assert not candles.rejects
    assert all(candle.end_at.second == 0 for candle in candles.candles)
    book = await prices.fetch_book(ticker)
    if book.best_bid and book.best_ask:
        assert book.best_bid.price < book.best_ask.price
    pages = [
        page async for page in prices.fetch_trades(ticker, since=now - timedelta(days=1), until=now)
    ]
    assert not [reject for page in pages for reject in page.rejects]


async def test_single_questions(sandbox: SandboxProcess, source: KalshiMarkets) -> None:
    ticker = next(iter(unsettled(sandbox)))
    assert not await source.is_gone(ticker)
    assert await source.is_gone("KXNONE-26-X")
    assert (await source.fetch_status()).is_trading
    assert [market.ext_id for market in (await source.fetch_markets([ticker])).markets] == [ticker]
    event = ticker.rpartition("-")[0]
    assert ticker in {m.ext_id for m in (await source.fetch_events([event])).markets}
    changes = [page async for page in source.fetch_changes(datetime.now(UTC), datetime.now(UTC))]
    assert all(not page.rejects for page in changes)
    assert {"400"}.isdisjoint(sandbox.stats()["statuses"])
