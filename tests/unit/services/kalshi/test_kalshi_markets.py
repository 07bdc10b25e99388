"""Market rows: columns, outcomes, statuses, and everything else verbatim."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import structlog

from app.domain.catalogue import Market, Outcome, PriceRange
from app.domain.types import Exchange, MarketStatus, MarketType
from app.models.kalshi import KalshiMarket
from app.services.kalshi.normalize import KALSHI_STATUS_MAP, to_market, to_market_status
from app.services.kalshi.normalize.status import _warn_once

MakeRow = Callable[..., dict[str, Any]]


def read(row: dict[str, Any]) -> Market:
    return to_market(KalshiMarket.model_validate(row), row)


def test_columns(make_market_row: MakeRow) -> None:
    market = read(make_market_row(floor_strike=Decimal("8.5"), strike_type="greater"))
    assert market.exchange is Exchange.KALSHI
    assert market.ext_id == "KXNBAGAME-26NOV20LALBOS-LAL"
    assert market.event_ext_id == "KXNBAGAME-26NOV20LALBOS"
    assert market.series_ext_id == "KXNBAGAME"
    assert market.market_type is MarketType.BINARY
    assert market.title == "Los Angeles L vs Boston Winner?"
    assert market.status is MarketStatus.OPEN
    assert market.listed_at == datetime(2026, 11, 17, 18, 0, 0, 500_000, tzinfo=UTC)
    assert market.source_ts == datetime(2026, 11, 17, 18, 10, 0, 123_456, tzinfo=UTC)
    assert market.floor_strike == Decimal("8.5")
    assert market.price_ranges == (PriceRange(Decimal(0), Decimal(1), Decimal("0.01")),)
    assert (market.result, market.settlement_value, market.settled_at) == (None, None, None)
    assert (market.is_combo, market.is_provisional, market.can_close_early) == (False, False, True)


def test_what_no_column_holds_is_kept_verbatim(make_market_row: MakeRow) -> None:
    strike = {"baseball_team": "ed03", "nested": {"n": Decimal("1.50"), "null": None}}
    row = make_market_row(custom_strike=strike, brand_new_field=[1, "two"], exchange_index=0)
    assert read(row).metadata == {
        "status": "active",
        "settlement_timer_seconds": 60,
        "notional_value_dollars": "1.0000",
        "expiration_value": "",
        "price_level_structure": "linear_cent",
        "settlement_bounds_type": "default",
        "custom_strike": strike,
        "brand_new_field": [1, "two"],
        "exchange_index": 0,
    }


def test_prices_and_liquidity_stay_out_of_metadata(make_market_row: MakeRow) -> None:
    row = make_market_row(liquidity_dollars="0.0000", liquidity=0, yes_bid=43, volume=2009)
    kept = read(row).metadata
    assert not [key for key in kept if "bid" in key or "volume" in key or "liquidity" in key]


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        pytest.param({}, "Los Angeles L vs Boston Winner?", id="title"),
        pytest.param({"title": None}, "Los Angeles L", id="sub-title"),
        pytest.param({"title": ""}, "Los Angeles L", id="empty-title"),
        pytest.param(
            {"title": None, "yes_sub_title": None}, "KXNBAGAME-26NOV20LALBOS-LAL", id="ticker"
        ),
    ],
)
def test_title(make_market_row: MakeRow, fields: dict[str, Any], title: str) -> None:
    assert read(make_market_row(**fields)).title == title


@pytest.mark.parametrize(
    ("result", "winners"),
    [
        pytest.param("", (None, None), id="undecided"),
        pytest.param(None, (None, None), id="absent"),
        pytest.param("yes", (True, False), id="yes"),
        pytest.param("no", (False, True), id="no"),
        pytest.param("scalar", (None, None), id="scalar"),
        pytest.param("void", (None, None), id="void"),
    ],
)
def test_outcomes(
    make_market_row: MakeRow, result: str | None, winners: tuple[bool | None, bool | None]
) -> None:
    assert read(make_market_row(result=result)).outcomes == (
        Outcome("yes", "Los Angeles L", winners[0]),
        Outcome("no", "Boston", winners[1]),
    )


def test_outcomes_without_names(make_market_row: MakeRow) -> None:
    yes, no = read(make_market_row(yes_sub_title="", no_sub_title=None)).outcomes
    assert (yes.name, no.name) == ("Yes", "No")


def test_settled(make_market_row: MakeRow) -> None:
    market = read(
        make_market_row(
            status="finalized",
            result="yes",
            settlement_value_dollars="1.0000",
            settlement_ts="2026-11-21T03:00:00.5Z",
        )
    )
    assert market.status is MarketStatus.SETTLED
    assert market.result == "yes"
    assert market.settlement_value == 1
    assert market.settled_at == datetime(2026, 11, 21, 3, 0, 0, 500_000, tzinfo=UTC)


def test_settlement_value_in_cents(make_market_row: MakeRow) -> None:
    market = read(make_market_row(settlement_value=37))
    assert market.settlement_value == Decimal("0.37")
    assert market.metadata["settlement_value"] == 37


@pytest.mark.parametrize(
    "fields",
    [
        {"ticker": "KXMVESPORTS-S2026-A"},
        {"mve_collection_ticker": "KXCITIESWEATHER-R"},
    ],
    ids=["prefix", "collection"],
)
def test_combo(make_market_row: MakeRow, fields: dict[str, Any]) -> None:
    assert read(make_market_row(**fields)).is_combo


def test_no_side_that_does_not_mirror_yes_is_shown(make_market_row: MakeRow) -> None:
    assert "no_side_mismatch" not in read(make_market_row()).metadata
    odd = read(make_market_row(no_bid_dollars="0.5000", no_ask_dollars="0.5700"))
    assert odd.metadata["no_side_mismatch"] == {"no_bid": "0.5000"}


@pytest.mark.parametrize("fields", [{"market_type": "perpetual"}, {"market_type": None}])
def test_unknown_type_is_kept(make_market_row: MakeRow, fields: dict[str, Any]) -> None:
    market = read(make_market_row(**fields))
    assert market.market_type is MarketType.UNKNOWN
    assert market.metadata["market_type"] == fields["market_type"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("initialized", MarketStatus.UPCOMING),
        ("inactive", MarketStatus.PAUSED),
        ("active", MarketStatus.OPEN),
        ("closed", MarketStatus.CLOSED),
        ("determined", MarketStatus.DETERMINED),
        ("disputed", MarketStatus.DISPUTED),
        ("amended", MarketStatus.DETERMINED),
        ("finalized", MarketStatus.SETTLED),
        ("unopened", MarketStatus.UPCOMING),
        ("open", MarketStatus.OPEN),
        ("paused", MarketStatus.PAUSED),
        ("settled", MarketStatus.SETTLED),
    ],
)
def test_status_words(make_market_row: MakeRow, word: str, status: MarketStatus) -> None:
    assert len(KALSHI_STATUS_MAP) == 12
    market = read(make_market_row(status=word))
    assert market.status is status
    assert market.metadata["status"] == word


def test_unknown_status_is_kept_and_logged_once_per_word(make_market_row: MakeRow) -> None:
    _warn_once.cache_clear()
    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            market = read(make_market_row(status="hibernating"))
            to_market_status("Active")
    assert market.status is MarketStatus.UNKNOWN
    assert market.metadata["status"] == "hibernating"
    assert [(line["event"], line["word"]) for line in logged] == [
        ("market.status_unknown", "hibernating"),
        ("market.status_unknown", "Active"),
    ]


def test_missing_status_is_unknown(make_market_row: MakeRow) -> None:
    assert read(make_market_row(status=None)).status is MarketStatus.UNKNOWN


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"ticker": ""}, id="empty-ticker"),
        pytest.param({"ticker": "A" * 201}, id="long-ticker"),
        pytest.param({"ticker": "A,B"}, id="comma"),
        pytest.param({"ticker": "A\n"}, id="newline"),
        pytest.param({"ticker": 5}, id="ticker-is-a-number"),
        pytest.param({"event_ticker": None}, id="no-event"),
        pytest.param({"status": 1}, id="status-is-a-number"),
        pytest.param({"title": ["x"]}, id="title-is-a-list"),
        pytest.param({"close_time": "tomorrow"}, id="bad-time"),
        pytest.param({"close_time": 1786138200}, id="time-is-a-number"),
        pytest.param({"can_close_early": "true"}, id="bool-is-text"),
        pytest.param({"floor_strike": "8.5"}, id="strike-is-text"),
        pytest.param({"floor_strike": Decimal("1E+30")}, id="strike-too-large"),
        pytest.param({"settlement_value_dollars": "1.5"}, id="pays-too-much"),
        pytest.param({"price_ranges": [{"start": "0"}]}, id="half-a-range"),
        pytest.param(
            {"price_ranges": [{"start": "0", "end": "1", "step": "0"}]}, id="range-without-step"
        ),
        pytest.param({"no_bid_dollars": "7"}, id="no-price-out-of-bounds"),
    ],
)
def test_bad_rows_are_refused(make_market_row: MakeRow, fields: dict[str, Any]) -> None:
    row = make_market_row(**fields)
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        read(row)
