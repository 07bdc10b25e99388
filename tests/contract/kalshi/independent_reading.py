"""A second reading of Kalshi's rows, written from the documents and not from our normaliser.

Each function returns what every raw field must have become: pairs of where it is
found in our row and the value expected there. Nothing of `app` is used.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Expected = Iterator[tuple[str, str, Any]]  # raw field, where it is found, value there

STATUSES = {
    "initialized": "upcoming", "active": "open", "inactive": "paused", "closed": "closed",
    "determined": "determined", "disputed": "disputed", "amended": "determined",
    "finalized": "settled",
}  # fmt: skip
MARKET_TIMES = {
    "open_time": "open_at", "close_time": "close_at", "created_time": "listed_at",
    "updated_time": "source_ts", "settlement_ts": "settled_at",
    "expected_expiration_time": "expected_expiration_at",
    "latest_expiration_time": "latest_expiration_at",
}  # fmt: skip
MARKET_SAME = {
    "ticker": "ext_id", "event_ticker": "event_ext_id", "market_type": "market_type",
    "title": "title", "rules_primary": "rules_primary", "rules_secondary": "rules_secondary",
    "can_close_early": "can_close_early", "strike_type": "strike_type",
    "floor_strike": "floor_strike", "cap_strike": "cap_strike", "is_provisional": "is_provisional",
}  # fmt: skip
COUNTS = {"volume_fp": "volume", "volume_24h_fp": "volume_24h", "open_interest_fp": "open_interest"}
DROPPED = {"liquidity_dollars"}  # always zero
EVENT_SAME = {
    "event_ticker": "ext_id", "series_ticker": "series_ext_id", "title": "title",
    "sub_title": "subtitle", "category": "category", "mutually_exclusive": "is_mutually_exclusive",
}  # fmt: skip
SERIES_SAME = {
    "ticker": "ext_id", "title": "title", "category": "category", "frequency": "frequency",
    "fee_type": "fee_type",
}  # fmt: skip


def moment(text: str) -> datetime:
    """Read `2026-06-14T07:33:32.55868Z` digit by digit."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z", text)
    assert match is not None, text
    *parts, fraction = match.groups()
    year, month, day, hour, minute, second = map(int, parts)
    return datetime(
        year, month, day, hour, minute, second, int((fraction or "").ljust(6, "0")), tzinfo=UTC
    )


def offer(text: str, size: str | None = None) -> Decimal | None:
    """A bid or ask; nobody offers when there is no size, or at 0 and 1."""
    if text in {"0.0000", "1.0000"} or (size is not None and Decimal(size) == 0):
        return None
    return Decimal(text)


def read_market(raw: Row) -> Expected:
    """Say where each field of a market row must be found."""
    for key, field in raw.items():
        if key in MARKET_SAME:
            yield key, f"market.{MARKET_SAME[key]}", field
        elif key in MARKET_TIMES:
            yield key, f"market.{MARKET_TIMES[key]}", moment(field)
        elif key in COUNTS:
            yield key, f"quote.{COUNTS[key]}", Decimal(field)
        elif key in DROPPED:
            assert field == "0.0000"
        elif key not in PRICE_READERS:
            yield key, f"metadata.{key}", field
        else:
            yield from ((key, where, value) for where, value in PRICE_READERS[key](raw))
    yield "(derived)", "market.is_combo", "mve_collection_ticker" in raw
    yield "(derived)", "market.outcomes.0.execution_asset_id", "yes"
    yield "(derived)", "market.outcomes.1.execution_asset_id", "no"


def _status(raw: Row) -> Any:
    yield "market.status", STATUSES[raw["status"]]
    yield "metadata.status", raw["status"]


def _result(raw: Row) -> Any:
    result = raw["result"]
    yield "market.result", result or None
    yield "market.outcomes.0.is_winner", {"yes": True, "no": False}.get(result)
    yield "market.outcomes.1.is_winner", {"yes": False, "no": True}.get(result)


def _last(raw: Row) -> Any:
    never = Decimal(raw["volume_fp"]) == 0 and raw["last_price_dollars"] == "0.0000"
    yield "quote.last", None if never else Decimal(raw["last_price_dollars"])


def _size(side: str) -> Any:
    def read(raw: Row) -> Any:
        size = Decimal(raw[f"yes_{side}_size_fp"])
        yield f"quote.{side}_size", size or None

    return read


def _no_side(mine: str, other: str) -> Any:
    """NO's price is not kept: it is one minus YES's, which must be exactly so."""

    def read(raw: Row) -> Any:
        assert Decimal(raw[mine]) == 1 - Decimal(raw[other])
        yield "metadata.no_side_mismatch", None

    return read


def _ranges(raw: Row) -> Any:
    for place, grid in enumerate(raw["price_ranges"]):
        assert set(grid) == {"start", "end", "step"}
        for name, text in grid.items():
            yield f"market.price_ranges.{place}.{name}", Decimal(text)


PRICE_READERS: dict[str, Any] = {
    "status": _status,
    "result": _result,
    "price_ranges": _ranges,
    "last_price_dollars": _last,
    "yes_sub_title": lambda raw: [("market.outcomes.0.name", raw["yes_sub_title"])],
    "no_sub_title": lambda raw: [("market.outcomes.1.name", raw["no_sub_title"])],
    "settlement_value_dollars": lambda raw: [
        ("market.settlement_value", Decimal(raw["settlement_value_dollars"]))
    ],
    "yes_bid_dollars": lambda raw: [
        ("quote.bid", offer(raw["yes_bid_dollars"], raw["yes_bid_size_fp"]))
    ],
    "yes_ask_dollars": lambda raw: [
        ("quote.ask", offer(raw["yes_ask_dollars"], raw["yes_ask_size_fp"]))
    ],
    "yes_bid_size_fp": _size("bid"),
    "yes_ask_size_fp": _size("ask"),
    "no_bid_dollars": _no_side("no_bid_dollars", "yes_ask_dollars"),
    "no_ask_dollars": _no_side("no_ask_dollars", "yes_bid_dollars"),
    "previous_price_dollars": lambda raw: [
        ("quote.previous", Decimal(raw["previous_price_dollars"]) or None)
    ],
    "previous_yes_bid_dollars": lambda raw: [
        ("quote.previous_bid", offer(raw["previous_yes_bid_dollars"]))
    ],
    "previous_yes_ask_dollars": lambda raw: [
        ("quote.previous_ask", offer(raw["previous_yes_ask_dollars"]))
    ],
}


def read_event(raw: Row) -> Expected:
    """Say where each field of an event row must be found; its markets are rows of their own."""
    for key, field in raw.items():
        if key in EVENT_SAME:
            yield key, f"event.{EVENT_SAME[key]}", field
        elif key == "last_updated_ts":
            yield key, "event.source_ts", moment(field)
        elif key == "markets":
            yield key, "metadata.markets", None
        else:
            yield key, f"metadata.{key}", field


def read_series(raw: Row) -> Expected:
    """Say where each field of a series row must be found."""
    for key, field in raw.items():
        if key in SERIES_SAME:
            yield key, f"series.{SERIES_SAME[key]}", field
        elif key == "tags":
            yield key, "series.tags", tuple(field or ())
        elif key == "fee_multiplier":
            yield key, "series.fee_multiplier", Decimal(field)
        elif key == "last_updated_ts":
            yield key, "series.source_ts", moment(field)
        else:
            yield key, f"metadata.{key}", field


def read_candle(raw: Row, interval: timedelta) -> Expected:
    """Say where each field of a candlestick must be found; cents where there are no dollars."""
    for key, field in raw.items():
        if key == "end_period_ts":
            start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=field) - interval
            yield key, "candle.bucket_at", start
        elif key in {"volume", "volume_fp"}:
            yield key, "candle.volume", Decimal(field)
        elif key in {"open_interest", "open_interest_fp"}:
            yield key, "candle.open_interest", Decimal(field)
        else:
            place = {"price": "candle", "yes_bid": "candle.bid", "yes_ask": "candle.ask"}[key]
            yield from _read_prices(key, place, field)


def _read_prices(key: str, place: str, prices: Row) -> Expected:
    renamed = {"min": "lowest", "max": "highest"}
    for name, field in prices.items():
        bare = name.removesuffix("_dollars")
        if name == bare and f"{bare}_dollars" in prices:
            exact = Decimal(prices[f"{bare}_dollars"]) * 100
            assert 0 <= exact - field < 1, "cents beside dollars disagree"
        if field is None:
            price = Decimal(prices[f"{bare}_dollars"]) if f"{bare}_dollars" in prices else None
        elif name == bare:
            price = Decimal(prices.get(f"{bare}_dollars", Decimal(field) / 100))
        else:
            price = Decimal(field)
        yield f"{key}.{name}", f"{place}.{renamed.get(bare, bare)}", price
