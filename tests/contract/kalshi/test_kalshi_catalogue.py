"""The whole catalogue over HTTP: what is asked, what comes, and when it counts as whole."""

import pytest

from app.core.errors import PayloadInvalid, SourceRefused, SourceUnavailable
from app.domain.types import MarketStatus
from app.services.kalshi.paging import ListingIncomplete
from app.services.kalshi.source import KalshiMarkets
from app.services.ports import MarketSource
from tests.contract.kalshi.scripted_exchange import QUICK, Handler, ScriptedExchange, send
from tests.contract.kalshi.scripted_rows import (
    by_query,
    collect,
    event,
    events,
    ids,
    market,
    markets,
)


def test_it_is_a_market_source(source: KalshiMarkets) -> None:
    port: MarketSource = source
    assert port.exchange == "kalshi"


async def test_series(exchange: ScriptedExchange, source: KalshiMarkets) -> None:
    exchange.on("/series", send({"series": [{"ticker": "A"}, {"title": "no ticker"}, "text"]}))
    page, error = await collect(source.fetch_series())
    assert error is None
    assert ids(page.series) == ["A"]
    assert [reject.reason for reject in page.rejects] == [
        "ticker: Field required",
        "not an object but str",
    ]


async def test_catalogue_lists_each_event_once_in_order_of_life(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on(
        "/events",
        by_query(
            unopened=events(event("A-1", market("A-1-X")), event("B-1")),
            open=events(event("A-1", market("A-1-X")), event("C-1", market("C-1-X")), event("C-1")),
            closed=events(event("D-1", market("D-1-X", status="determined"))),
        ),
    )
    exchange.on("/markets", markets())
    page, error = await collect(source.fetch_catalogue())
    assert error is None
    assert ids(page.events) == ["A-1", "B-1", "C-1", "D-1"]
    assert ids(page.markets) == ["A-1-X", "C-1-X", "D-1-X"]
    assert [quote.market_ext_id for quote in page.quotes] == ids(page.markets)
    asked = exchange.queries("/events")
    assert [query["status"] for query in asked] == ["unopened", "open", "closed"]
    assert {(query["with_nested_markets"], query["limit"]) for query in asked} == {("true", "200")}
    assert exchange.queries("/markets") == [
        {"status": status, "mve_filter": "exclude", "limit": "1000"}
        for status in ("unopened", "open", "paused", "closed")
    ]


async def test_event_whose_markets_are_all_paused_is_found(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    paused = market("P-1-X", status="inactive")
    beside = market("P-1-Y", status="finalized")
    exchange.on(
        "/events",
        by_query(
            open=events(event("A-1", market("A-1-X"))), P_1=events(event("P-1", paused, beside))
        ),
    )
    exchange.on("/markets", by_query(open=markets(market("A-1-X")), paused=markets(paused)))
    page, error = await collect(source.fetch_catalogue())
    assert error is None
    assert ids(page.events) == ["A-1", "P-1"]
    assert ids(page.markets) == ["A-1-X", "P-1-X", "P-1-Y"]
    assert page.markets[1].status is MarketStatus.PAUSED
    assert exchange.queries("/events")[-1]["tickers"] == "P-1"


async def test_market_no_event_shows_still_comes(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/events", by_query(open=events(event("A-1", market("A-1-X")))))
    rows = [market("A-1-X"), market("A-1-Y"), market("O-1-X"), {"ticker": "O-1-Z"}, "odd"]
    exchange.on("/markets", by_query(open=markets(*rows)))
    page, error = await collect(source.fetch_catalogue())
    assert error is None
    assert ids(page.markets) == ["A-1-X", "A-1-Y", "O-1-X"]
    assert [reject.ext_id for reject in page.rejects] == ["O-1-Z", None]
    assert exchange.queries("/events")[-1]["tickers"] == "O-1"


async def test_row_that_cannot_be_read_is_rejected_once(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    bad = market("A-1-X", yes_bid_dollars="7")
    exchange.on("/events", by_query(open=events(event("A-1", bad))))
    exchange.on("/markets", by_query(open=markets(bad)))
    page, _ = await collect(source.fetch_catalogue())
    assert [reject.ext_id for reject in page.rejects] == ["A-1-X"]


async def test_exchange_that_does_not_know_the_paused_filter(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/events", by_query(open=events(event("A-1"))))
    refused = send({"error": {"code": "bad_request", "message": "no"}}, 400)
    exchange.on("/markets", by_query(paused=refused, closed=markets(market("A-1-X"))))
    page, error = await collect(source.fetch_catalogue())
    assert error is None
    assert (ids(page.events), ids(page.markets)) == (["A-1"], ["A-1-X"])


async def test_broken_paused_list_is_no_whole_catalogue(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/events", by_query(open=events(event("A-1"))))
    exchange.on("/markets", send({"error": {"code": "no", "message": "no"}}, 403))
    page, error = await collect(source.fetch_catalogue())
    assert ids(page.events) == ["A-1"]
    assert isinstance(error, SourceRefused)


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(events(event("B-1"), cursor="c1"), id="cursor-repeated"),
        pytest.param(events(cursor="c2"), id="empty-page-with-a-cursor"),
        pytest.param(send({"no": "list"}), id="page-that-cannot-be-read"),
    ],
)
async def test_broken_list_is_told_after_all_that_could_be_read(
    exchange: ScriptedExchange, source: KalshiMarkets, last: Handler
) -> None:
    ended = events(event("C-1"))
    exchange.on("/events", events(event("A-1"), cursor="c1"), last, ended, ended)
    exchange.on("/markets", markets())
    page, error = await collect(source.fetch_catalogue())
    assert [ticker for ticker in ids(page.events) if ticker != "B-1"] == ["A-1", "C-1"]
    assert isinstance(error, ListingIncomplete | PayloadInvalid)
    assert len(exchange.asked) == 8


async def test_broken_list_of_markets_still_gives_their_events(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/events", by_query(P_1=events(event("P-1"))))
    exchange.on("/markets", markets(market("P-1-X"), cursor="c"))
    page, error = await collect(source.fetch_catalogue())
    assert ids(page.events) == ["P-1"]
    assert isinstance(error, ListingIncomplete)


async def test_exchange_that_fails_ends_the_listing_at_once(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    exchange.on("/events", events(event("A-1"), cursor="c1"), send({"error": "boom"}, 500))
    page, error = await collect(source.fetch_catalogue())
    assert ids(page.events) == ["A-1"]
    assert isinstance(error, SourceUnavailable)
    assert len(exchange.asked) == 1 + QUICK.attempts


async def test_combos_stay_out_unless_wanted(
    exchange: ScriptedExchange, source: KalshiMarkets, combo_source: KalshiMarkets
) -> None:
    hidden = market("C-1-Y", mve_collection_ticker="KXCITIESWEATHER-R")
    rows = [
        event("KXMVESPORTS-1", market("KXMVESPORTS-1-X")),
        event("C-1", market("C-1-X"), hidden),
    ]
    exchange.on("/events", by_query(open=events(*rows)))
    exchange.on("/events/multivariate", events(event("KXMVEOTHER-1", market("KXMVEOTHER-1-X"))))
    exchange.on("/markets", markets())
    page, _ = await collect(source.fetch_catalogue())
    assert (ids(page.events), ids(page.markets)) == (["C-1"], ["C-1-X"])
    assert not page.rejects
    assert not exchange.queries("/events/multivariate")
    page, _ = await collect(combo_source.fetch_catalogue())
    assert ids(page.events) == ["KXMVESPORTS-1", "C-1", "KXMVEOTHER-1"]
    assert [market.is_combo for market in page.markets] == [True, False, True, True]
    assert "mve_filter" not in exchange.queries("/markets")[-1]


async def test_bad_rows_cost_only_themselves(
    exchange: ScriptedExchange, source: KalshiMarkets
) -> None:
    bad_price = market("A-1-Y", yes_bid_dollars="7")
    rows = [
        event("A-1", market("A-1-X"), bad_price, 5, market("A-1-Z")),  # type: ignore[arg-type]
        event("B-1", market("B-1-X"), title=5),
        None,
        event("C-1") | {"markets": {"ticker": "C-1-X"}},
        event("D-1") | {"markets": None},
    ]
    exchange.on("/events", by_query(open=events(*rows)))
    exchange.on("/markets", markets())
    page, error = await collect(source.fetch_catalogue())
    assert error is None
    assert ids(page.events) == ["A-1", "C-1", "D-1"]
    assert ids(page.markets) == ["A-1-X", "A-1-Z", "B-1-X"]
    assert [(reject.kind, reject.ext_id) for reject in page.rejects] == [
        ("market", "A-1-Y"), ("market", None), ("event", "B-1"), ("event", None),
        ("market", "C-1-X"),
    ]  # fmt: skip


async def test_page_without_its_list(exchange: ScriptedExchange, source: KalshiMarkets) -> None:
    exchange.on("/series", send({"serie": []}))
    _, error = await collect(source.fetch_series())
    assert isinstance(error, PayloadInvalid)
