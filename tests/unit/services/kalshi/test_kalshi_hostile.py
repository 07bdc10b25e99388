"""Whatever a row holds, it is read within bounds or becomes one reject; nothing else happens."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import SourceError
from app.domain.books import OrderBook
from app.domain.candles import Candle
from app.domain.catalogue import Market, Quote
from app.domain.trades import PublicTrade
from app.models.kalshi import (
    KalshiCandlestick,
    KalshiEvent,
    KalshiMarket,
    KalshiSeries,
    KalshiTrade,
)
from app.services.kalshi.decoding import NotJson, decode_json
from app.services.kalshi.errors import to_source_error
from app.services.kalshi.normalize import (
    Row,
    RowTranslator,
    to_candle,
    to_event,
    to_market,
    to_order_book,
    to_public_trade,
    to_quote,
    to_series,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def friendly(name: str, kind: str) -> st.SearchStrategy[Any]:
    """Values a field of this name and annotation may well have."""
    if name.endswith("_dollars"):
        return st.sampled_from(["0.4300", "1.0000", "0.0000", "0.0010", "0.9990", "", None])
    if name.endswith("_fp"):
        return st.sampled_from(["12.50", "0.00", "0.01", None])
    if "str" in kind and name.endswith(("_time", "_ts", "_date")):
        return st.sampled_from(["2026-11-20T00:00:00Z", "0001-01-01T00:00:00Z", "", None])
    if "list" in kind or "Kalshi" in kind:
        return st.none()
    if "int" in kind:
        return st.sampled_from([0, 45, 100])
    if "bool" in kind:
        return st.booleans()
    return st.sampled_from(["active", "yes", "KXNBA-27-ATL", "Jokić", "", None])


UNFRIENDLY = st.sampled_from([
    "NaN", "1e400", "-0.5", "1.0001", "0.4\x005", "a\ud800b", "99999999999999999999",
    "\u0660.\u0664",
    "2026-99-01T00:00:00Z", "9999-12-31T23:59:59-14:00", -1, 101, 10**30, 10**60, -(2**63),
    Decimal("1E+400"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), Decimal("1E-400"),
    0.5, float("nan"), [[]], {"a": {"b": ["\x00"]}}, {"\x00": 1}, [["0.5", "1"], ["2", "1"]],
])  # fmt: skip
LEAVES = UNFRIENDLY | st.text(max_size=8) | st.integers() | st.decimals()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner,
                                                                        max_size=3), max_leaves=6,
)  # fmt: skip


def rows_like(model: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Rows with some of a model's fields and unknown ones, mostly plausible, some not at all."""
    ids = {"ticker": "KXNBA-27-ATL", "event_ticker": "KXNBA-27", "series_ticker": "KXNBA",
           "end_period_ts": 1786138200, "trade_id": "t", "created_time": "2026-11-20T00:00:00Z",
           "count_fp": "1.00", "yes_price_dollars": "0.5"}  # fmt: skip
    known = {name: value for name, value in ids.items() if name in model.model_fields}
    others = sorted({*model.model_fields, "unknown_field", "markets"} - known.keys())
    kinds = {name: str(field.annotation) for name, field in model.model_fields.items()}
    kinds |= {"unknown_field": "str", "markets": "list"}
    field = st.sampled_from(others).flatmap(
        lambda name: st.tuples(st.just(name), friendly(name, kinds[name]))
    )
    spoiled = st.tuples(st.sampled_from([*others, *known]), VALUES)
    return st.builds(
        lambda good, bad: known | dict(good) | dict(bad),
        st.lists(field, max_size=12),
        st.lists(spoiled, max_size=1),
    )


def storable(node: object) -> bool:
    """Say whether PostgreSQL takes it: no NUL, no lone surrogate, no endless number."""
    if isinstance(node, str):
        return "\x00" not in node and node.encode("utf-8", "ignore").decode() == node
    if isinstance(node, dict):
        return all(storable(key) and storable(value) for key, value in node.items())
    if isinstance(node, list | tuple):
        return all(map(storable, node))
    if isinstance(node, Decimal):
        return node.is_finite() and abs(node.adjusted()) < 40
    return not isinstance(node, float) and (not isinstance(node, int) or abs(node) < 10**40)


def in_bounds(*prices: Decimal | None) -> bool:
    return all(price is None or 0 <= price <= 1 for price in prices)


def not_negative(*counts: Decimal | None) -> bool:
    return all(count is None or 0 <= count < 10**15 for count in counts)


def assert_market(found: tuple[Market, Quote]) -> None:
    market, quote = found
    offers = (quote.bid, quote.ask, quote.previous_bid, quote.previous_ask)
    assert in_bounds(quote.last, quote.previous, market.settlement_value, *offers)
    assert 0 not in offers
    assert 1 not in offers
    assert not_negative(quote.volume, quote.volume_24h, quote.open_interest)
    assert not_negative(quote.bid_size, quote.ask_size)
    assert all(text is None or storable(text) for text in (market.rules_primary, market.result))
    assert storable([market.title, market.ext_id, [side.name for side in market.outcomes]])
    assert storable(dict(market.metadata))
    json.dumps(market.metadata, default=str)


def assert_read_or_refused(
    row: object, to_ours: Callable[[Row], Any], check: Callable[[Any], None]
) -> None:
    rows = RowTranslator()
    found = rows.translate("row", row, to_ours)
    assert len(rows.rejects) == (1 if found is None else 0)
    if found is not None:
        check(found)
    for reject in rows.rejects:
        assert reject.reason
        assert storable([reject.reason, reject.raw, reject.ext_id or ""])
        assert len(reject.raw) <= 4096


def read_market(row: Row) -> tuple[Market, Quote]:
    wire = KalshiMarket.model_validate(row)
    return to_market(wire, row), to_quote(wire, as_of=NOW)


MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@MANY
@given(rows_like(KalshiMarket))
def test_markets(row: dict[str, Any]) -> None:
    assert_read_or_refused(row, read_market, assert_market)


@MANY
@given(rows_like(KalshiEvent))
def test_events(row: dict[str, Any]) -> None:
    def check(event: Any) -> None:
        assert storable([event.title, event.subtitle or "", dict(event.metadata)])
        assert "markets" not in event.metadata

    assert_read_or_refused(row, to_event, check)


@MANY
@given(rows_like(KalshiSeries))
def test_series(row: dict[str, Any]) -> None:
    def check(series: Any) -> None:
        assert storable([series.title, list(series.tags), dict(series.metadata)])
        assert series.fee_multiplier is None or abs(series.fee_multiplier) < 10**6

    assert_read_or_refused(row, to_series, check)


OHLC_NAMES = st.sampled_from(["open_dollars", "high_dollars", "low", "close_dollars", "mean"])


@MANY
@given(rows_like(KalshiCandlestick), st.dictionaries(OHLC_NAMES, LEAVES, max_size=4))
def test_candles(row: dict[str, Any], prices: dict[str, Any]) -> None:
    def check(candle: Candle) -> None:
        sides = (candle, candle.bid, candle.ask)
        assert all(in_bounds(side.open, side.high, side.low, side.close) for side in sides)
        assert in_bounds(candle.mean, candle.previous, candle.lowest, candle.highest)
        assert not_negative(candle.volume, candle.open_interest)

    read = lambda row: to_candle(row, market_ext_id="M", interval=timedelta(hours=1))  # noqa: E731
    assert_read_or_refused(row, read, check)
    assert_read_or_refused(row | {"price": prices, "yes_bid": prices}, read, check)


@MANY
@given(
    st.lists(st.lists(LEAVES, max_size=3), max_size=3),
    st.sampled_from(["orderbook_fp", "orderbook"]),
)
def test_books(levels: list[list[Any]], key: str) -> None:
    def check(book: OrderBook) -> None:
        assert all(0 < level.price < 1 and level.contracts > 0 for level in book.bids + book.asks)

    read = lambda row: to_order_book(row, market_ext_id="M", as_of=NOW)  # noqa: E731
    for side in ("yes_dollars", "no_dollars", "yes", "no"):
        assert_read_or_refused({key: {side: levels}}, read, check)


@MANY
@given(rows_like(KalshiTrade))
def test_trades(row: dict[str, Any]) -> None:
    def check(trade: PublicTrade) -> None:
        assert in_bounds(trade.price)
        assert not_negative(trade.contracts)
        assert trade.traded_at.tzinfo is UTC

    assert_read_or_refused(row, to_public_trade, check)


@MANY
@given(VALUES)
def test_anything_in_place_of_a_row(row: object) -> None:
    assert_read_or_refused(row, read_market, assert_market)


@MANY
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_json_or_not(body: bytes) -> None:
    with contextlib.suppress(NotJson):
        decode_json(body)
    error = to_source_error("GET /x", 500, body, retry_after="x", now=NOW)
    assert isinstance(error, SourceError)


@MANY
@given(rows_like(KalshiMarket), st.sampled_from([b"NaN", b"1e999", b"-Infinity", b"9" * 80]))
def test_over_the_wire(row: dict[str, Any], token: bytes) -> None:
    """The same through bytes, with a token JSON does not know: it costs its own row alone."""
    try:
        text = json.dumps(row, default=float)
    except (ValueError, OverflowError):
        return
    body = b'{"markets":[' + text.encode() + b',{"ticker":"A","n":' + token + b"}]}"
    document = decode_json(body)
    assert isinstance(document, dict)
    hostile, poisoned = document["markets"]
    assert_read_or_refused(hostile, read_market, assert_market)
    rows = RowTranslator()
    assert rows.translate("market", poisoned, read_market) is None
    assert rows.rejects[0].ext_id == "A"


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_truncated_page_is_not_json(cut: int) -> None:
    body = json.dumps({"markets": [{"ticker": "KXNBA-27-ATL", "title": "x" * 20}]}).encode()
    with pytest.raises(NotJson):
        decode_json(body[:cut])
