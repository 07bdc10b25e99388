"""Candlesticks: three wire forms, one candle."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.candles import Candle, Ohlc
from app.services.kalshi.normalize import to_candle

MINUTE = timedelta(minutes=1)
END = 1786138200  # 2026-08-07 21:30:00 UTC
DOLLARS: dict[str, Any] = {
    "end_period_ts": END,
    "open_interest_fp": "128107.77",
    "volume_fp": "28.74",
    "price": {
        "open_dollars": "0.3300", "high_dollars": "0.3400", "low_dollars": "0.3300",
        "close_dollars": "0.3400", "mean_dollars": "0.3361", "previous_dollars": "0.3300",
    },
    "yes_bid": {
        "open_dollars": "0.3200", "high_dollars": "0.3300", "low_dollars": "0.3200",
        "close_dollars": "0.3300",
    },
    "yes_ask": {
        "open_dollars": "0.3400", "high_dollars": "1.0000", "low_dollars": "0.3400",
        "close_dollars": "1.0000",
    },
}  # fmt: skip
CENTS: dict[str, Any] = {
    "end_period_ts": END,
    "open_interest": 13149,
    "volume": 882,
    "price": {"open": 10, "high": 10, "low": 8, "close": 10, "mean": 9, "mean_dollars": "0.0907",
              "previous": 8, "max": None, "min": None},
    "yes_bid": {"open": 8, "high": 8, "low": 0, "close": 8},
    "yes_ask": {"open": 10, "high": 100, "low": 10, "close": 10},
}  # fmt: skip


def read(row: dict[str, Any], interval: timedelta = MINUTE) -> Candle:
    return to_candle(row, market_ext_id="M", interval=interval)


def test_dollars() -> None:
    candle = read(DOLLARS)
    assert candle.bucket_at == datetime(2026, 8, 7, 21, 29, tzinfo=UTC)
    assert candle.end_at == datetime(2026, 8, 7, 21, 30, tzinfo=UTC)
    assert (candle.open, candle.high) == (Decimal("0.33"), Decimal("0.34"))
    assert (candle.low, candle.close) == (Decimal("0.33"), Decimal("0.34"))
    assert (candle.mean, candle.previous) == (Decimal("0.3361"), Decimal("0.33"))
    assert (candle.volume, candle.open_interest) == (Decimal("28.74"), Decimal("128107.77"))
    assert candle.bid.close == Decimal("0.33")
    assert candle.ask.open == Decimal("0.34")
    assert (candle.ask.high, candle.ask.close) == (None, None)  # nobody asked


def test_cents_of_january() -> None:
    candle = read(CENTS, timedelta(days=1))
    assert candle.bucket_at == datetime(2026, 8, 6, 21, 30, tzinfo=UTC)
    assert (candle.low, candle.close) == (Decimal("0.08"), Decimal("0.1"))
    assert candle.mean == Decimal("0.0907")
    assert (candle.lowest, candle.highest) == (None, None)
    assert (candle.volume, candle.open_interest) == (Decimal(882), Decimal(13149))
    assert (candle.bid.low, candle.ask.high) == (None, None)


def test_historical_form() -> None:
    row = {
        "end_period_ts": END, "volume": "2.50", "open_interest": "9.00",
        "price": {"open": "0.5600", "high": "0.5600", "low": "0.5500", "close": "0.5500",
                  "mean": "0.5550", "previous": None},
        "yes_bid": {"open": "0.5500", "high": "0.5500", "low": "0.5500", "close": "0.5500"},
        "yes_ask": {"open": "0.5700", "high": "0.5700", "low": "0.5700", "close": "0.5700"},
    }  # fmt: skip
    candle = read(row)
    assert (candle.open, candle.close) == (Decimal("0.56"), Decimal("0.55"))
    assert (candle.volume, candle.open_interest) == (Decimal("2.5"), Decimal(9))
    assert candle.ask.close == Decimal("0.57")


def test_period_without_trade() -> None:
    candle = read(DOLLARS | {"price": {"previous_dollars": "0.3300"}, "volume_fp": "0.00"})
    assert {candle.open, candle.high, candle.low, candle.close, candle.mean} == {None}
    assert (candle.previous, candle.volume) == (Decimal("0.33"), Decimal(0))


@pytest.mark.parametrize("price", [None, {}, {"previous_dollars": "0.0000"}])
def test_market_that_never_traded(price: object) -> None:
    candle = read({"end_period_ts": END, "price": price, "yes_bid": None})
    assert candle.previous is None
    assert (candle.bid, candle.ask) == (Ohlc(), Ohlc())


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"end_period_ts": None}, id="no-end"),
        pytest.param({"end_period_ts": -1}, id="before-1970"),
        pytest.param({"end_period_ts": "1786138200"}, id="end-is-text"),
        pytest.param({"end_period_ts": END * 1000}, id="milliseconds"),
        pytest.param({"volume_fp": "-1"}, id="negative-volume"),
        pytest.param({"price": {"close_dollars": "34"}}, id="cents-as-dollars"),
        pytest.param({"price": {"close": 340}}, id="tenths-of-cents"),
        pytest.param({"price": {"low": 50, "high": 40}}, id="low-above-high"),
        pytest.param({"yes_ask": {"close_dollars": "NaN"}}, id="nan"),
        pytest.param({"yes_ask": []}, id="side-is-a-list"),
    ],
)
def test_bad_candles_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - model and readers word it differently
        read(DOLLARS | fields)
