"""Changes, single rows and the exchange's state over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock import SystemClock
from app.core.config import KalshiSettings
from app.core.errors import OperatorError, PayloadInvalid, SourceError, SourceUnavailable
from app.domain.catalogue import CataloguePage
from app.services.kalshi.paging import ListingIncomplete
from app.services.kalshi.source import KalshiMarkets, open_kalshi
from tests.contract.kalshi.scripted_exchange import Handler, ScriptedExchange, send, send_bytes
from tests.contract.kalshi.scripted_rows import collect, event, events, ids, market, markets

SINCE = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
NOT_FOUND = {"error": {"code": "not_found", "message": "not found"}}


async def test_changes_are_asked_for_without_forbidden_pairs_of_filters(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/events", events(event("A-1")))
    exchange.on("/markets", markets(market("A-1-X")), markets(), markets(market("B-1-X")))
    page, error = await collect(source.fetch_changes(SINCE, SINCE + timedelta(seconds=60)))
    assert error is None
    assert ids(page.events) == ["A-1"]
    assert ids(page.markets) == ["A-1-X", "B-1-X"]
    since, until = "1795348800", "1795348861"
    assert exchange.queries("/events") == [{"min_updated_ts": since, "limit": "200"}]
    plain = {"mve_filter": "exclude", "limit": "1000"}
    assert exchange.queries("/markets") == [
        {"min_updated_ts": since, **plain},
        {"min_close_ts": since, "max_close_ts": until, **plain},
        {"status": "settled", "min_settled_ts": since, **plain},
    ]


async def test_events_by_ticker(exchange: ScriptedExchange, source: KalshiMarkets) -> None:
    exchange.on("/events", events(event("A-1", market("A-1-X")), event("A-1")))
    exchange.on("/events/multivariate", events(event("KXMVE-1", market("KXMVE-1-X"))))
    page = await source.fetch_events(["A-1", "KXMVE-1", "NONE-1", "A-1"])
    assert (ids(page.events), ids(page.markets)) == (["A-1", "KXMVE-1"], ["A-1-X", "KXMVE-1-X"])
    assert exchange.queries("/events")[0]["tickers"] == "A-1,NONE-1"
    assert exchange.queries("/events/multivariate")[0]["tickers"] == "KXMVE-1"


async def test_markets_by_ticker_in_urls_below_4_kb(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/markets", markets(market("A-1-X"), {"ticker": "A-1-Y"}))
    page = await source.fetch_markets([f"KXNBAGAME-26NOV{n:05}LALBOS-LAL" for n in range(500)])
    assert len(exchange.asked) == 5
    assert max(len(asked.raw_path) for asked in exchange.asked) < 4_096
    assert (
        len({n for query in exchange.queries("/markets") for n in query["tickers"].split(",")})
        == 500
    )
    assert set(ids(page.markets)) == {"A-1-X"}
    assert len(page.rejects) == 5


async def test_nothing_is_asked_for_no_tickers(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    assert await source.fetch_markets([]) == CataloguePage([], [], [], [], [])
    assert await source.fetch_events([""]) == CataloguePage([], [], [], [], [])
    assert not exchange.asked


@pytest.mark.parametrize(
    "answer",
    [send(NOT_FOUND, 404), send({"code": "not_found", "message": "market not found"}, 404)],
    ids=["nested", "flat"],
)
async def test_gone(exchange: ScriptedExchange, source: KalshiMarkets, answer: Handler) -> None:
    exchange.on("/markets/A-1-X", answer)
    assert await source.is_gone("A-1-X")


async def test_still_there(exchange: ScriptedExchange, source: KalshiMarkets) -> None:
    exchange.on("/markets/A-1-X", send({"market": market("A-1-X")}))
    assert not await source.is_gone("A-1-X")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(send_bytes(b"<html>404</html>", 404), id="page-of-a-proxy"),
        pytest.param(send_bytes(b"", 404), id="empty-404"),
        pytest.param(send({"error": {"code": "permission_denied"}}, 403), id="403"),
        pytest.param(send({"error": "too many requests"}, 429), id="429"),
        pytest.param(send_bytes(b"", 503), id="503"),
    ],
)
async def test_not_sure_whether_gone(
    exchange: ScriptedExchange, source: KalshiMarkets, answer: Handler
) -> None:
    exchange.on("/markets/A-1-X", answer)
    with pytest.raises(SourceError):
        await source.is_gone("A-1-X")


@pytest.mark.parametrize("status", [200, 500, 503, 504])
async def test_exchange_status_is_read_whatever_the_code(
    exchange: ScriptedExchange, source: KalshiMarkets, status: int
) -> None:
    body = {
        "exchange_active": False, "trading_active": True,
        "exchange_estimated_resume_time": "2026-11-26T10:00:00Z",
    }  # fmt: skip
    exchange.on("/exchange/status", send(body, status))
    found = await source.fetch_status()
    assert (found.is_active, found.is_trading) == (False, False)
    assert found.resumes_at == datetime(2026, 11, 26, 10, tzinfo=UTC)
    assert len(exchange.asked) == 1


async def test_trading_pause(exchange: ScriptedExchange, source: KalshiMarkets) -> None:
    body = {"exchange_active": True, "trading_active": False, "exchange_index_statuses": []}
    exchange.on("/exchange/status", send(body))
    found = await source.fetch_status()
    assert (found.is_active, found.is_trading, found.resumes_at) == (True, False, None)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(send({"error": "boom"}, 503), SourceUnavailable, id="error-with-503"),
        pytest.param(send_bytes(b"<html>", 503), SourceUnavailable, id="html-with-503"),
        pytest.param(send({"ok": True}), PayloadInvalid, id="no-status"),
    ],
)
async def test_no_exchange_status(
    exchange: ScriptedExchange, source: KalshiMarkets, answer: Handler, kind: type[SourceError]
) -> None:
    exchange.on("/exchange/status", answer)
    with pytest.raises(kind):
        await source.fetch_status()


async def test_broken_list_does_not_matter_when_all_that_was_asked_for_came(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/markets", markets(market("A-1-X"), {"ticker": "A-1-Y"}, cursor="c"))
    page = await source.fetch_markets(["A-1-X", "A-1-Y"])
    assert set(ids(page.markets)) == {"A-1-X"}
    with pytest.raises(ListingIncomplete):
        await source.fetch_markets(["A-1-X", "A-1-Z"])


async def test_quotes_are_as_of_the_request(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/markets", markets(market("A-1-X", yes_bid_dollars="0.4", yes_bid_size_fp="1.00")))
    before = datetime.now(UTC)
    page = await source.fetch_markets(["A-1-X"])
    assert before <= page.quotes[0].as_of <= datetime.now(UTC)


async def test_opened_without_key() -> None:
    settings = KalshiSettings.model_validate({"api_key_id": "", "private_key": ""})
    client = open_kalshi(settings, SystemClock())
    assert not client.is_signed
    await KalshiMarkets(client).close()


@pytest.mark.parametrize(
    ("key_id", "pem", "reason"),
    [("k", "nonsense", "not PEM"), ("k", "", "Set both"), ("", "nonsense", "Set both")],
)
def test_opened_with_a_key_that_cannot_sign(key_id: str, pem: str, reason: str) -> None:
    settings = KalshiSettings.model_validate({"api_key_id": key_id, "private_key": pem})
    with pytest.raises(OperatorError, match=reason):
        open_kalshi(settings, SystemClock())
