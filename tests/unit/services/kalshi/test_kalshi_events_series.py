"""Event and series rows."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.services.kalshi.normalize import is_combo_event, is_combo_market, to_event, to_series

EVENT: dict[str, Any] = {
    "event_ticker": "KXNBAGAME-26NOV20LALBOS",
    "series_ticker": "KXNBAGAME",
    "title": "Los Angeles L vs Boston",
    "sub_title": "LAL vs BOS (Nov 20)",
    "collateral_return_type": "MECNET",
    "mutually_exclusive": True,
    "category": "Sports",
    "strike_period": "",
    "settlement_sources": [{"name": "the Governing League", "url": "https://www.nba.com"}],
    "product_metadata": {"competition": "Pro Basketball (M)", "weight": Decimal("0.5")},
    "last_updated_ts": "2026-11-17T18:00:00Z",
    "markets": [{"ticker": "KXNBAGAME-26NOV20LALBOS-LAL"}],
}
SERIES: dict[str, Any] = {
    "ticker": "KXNBAGAME",
    "frequency": "custom",
    "title": "Pro Basketball Game",
    "category": "Sports",
    "categories": ["Sports"],
    "tags": ["Basketball", "NBA"],
    "settlement_sources": None,
    "fee_type": "quadratic",
    "fee_multiplier": Decimal("0.5"),
    "additional_prohibitions": None,
}


def test_event() -> None:
    event = to_event(EVENT)
    assert (event.ext_id, event.series_ext_id) == ("KXNBAGAME-26NOV20LALBOS", "KXNBAGAME")
    assert (event.title, event.subtitle) == ("Los Angeles L vs Boston", "LAL vs BOS (Nov 20)")
    assert event.is_mutually_exclusive
    assert event.strike_at is None
    assert event.source_ts == datetime(2026, 11, 17, 18, tzinfo=UTC)
    assert event.metadata == {
        key: EVENT[key]
        for key in (
            "collateral_return_type", "strike_period", "settlement_sources", "product_metadata",
        )
    }  # fmt: skip


def test_event_with_only_what_it_must_have() -> None:
    event = to_event({"event_ticker": "A-1", "series_ticker": "A"})
    assert (event.title, event.subtitle, event.category) == ("A-1", None, None)
    assert not event.is_mutually_exclusive
    assert event.source_ts is None
    assert event.metadata == {}


def test_event_of_a_day() -> None:
    event = to_event(EVENT | {"strike_date": "2026-11-20T15:00:00Z"})
    assert event.strike_at == datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        {"event_ticker": ""},
        {"series_ticker": None},
        {"series_ticker": ""},
        {"title": 5},
        {"mutually_exclusive": "yes"},
        {"strike_date": "Friday"},
    ],
)
def test_bad_events_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - model and readers word it differently
        to_event(EVENT | fields)


def test_series() -> None:
    series = to_series(SERIES)
    assert (series.ext_id, series.title) == ("KXNBAGAME", "Pro Basketball Game")
    assert series.tags == ("Basketball", "NBA")
    assert (series.fee_type, series.fee_multiplier) == ("quadratic", Decimal("0.5"))
    assert series.source_ts is None
    assert series.metadata == {
        "categories": ["Sports"],
        "settlement_sources": None,
        "additional_prohibitions": None,
    }


def test_series_with_only_a_ticker() -> None:
    series = to_series({"ticker": "CO2", "tags": None})
    assert (series.title, series.tags, series.fee_multiplier) == ("CO2", (), None)


@pytest.mark.parametrize(
    "fields",
    [
        {"ticker": None},
        {"tags": "Sports"},
        {"tags": [5]},
        {"fee_multiplier": "0.5"},
        {"fee_multiplier": True},
        {"fee_multiplier": Decimal("1E+99")},
        {"fee_multiplier": 10**6},
    ],
)
def test_bad_series_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - model and readers word it differently
        to_series(SERIES | fields)


def test_combos_are_told_by_their_tickers() -> None:
    assert is_combo_event({"event_ticker": "KXMVESPORTS-S1"})
    assert not is_combo_event({"event_ticker": "KXMV-1"})
    assert not is_combo_event("KXMVE")
    assert is_combo_market({"ticker": "KXMVESPORTS-S1-A"})
    assert is_combo_market({"ticker": "A", "mve_collection_ticker": "KXCITIESWEATHER-R"})
    assert not is_combo_market({"ticker": "A", "mve_collection_ticker": ""})
    assert not is_combo_market(None)
