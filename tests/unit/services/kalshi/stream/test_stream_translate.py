"""Trades and announcements of the socket in our words."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from app.domain.lifecycle_events import Subject
from app.domain.trades import TakerSide
from app.domain.types import MarketStatus
from app.models.kalshi.frames import Frame, LifecycleFrame, TradeFrame
from app.services.kalshi.stream.translate import from_ms, to_lifecycle_event, to_stream_trade
from tests.kalshi_socket import trade_msg

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def frame_of(kind: str, msg: dict[str, Any], **envelope: Any) -> Any:
    text = json.dumps({"type": kind, "sid": 1, "seq": 1, "msg": msg} | envelope)
    return msgspec.json.decode(text, type=Frame)


def trade_of(**fields: Any) -> TradeFrame:
    frame = frame_of("trade", trade_msg(**fields))
    assert isinstance(frame, TradeFrame)
    return frame


def market_change(event_type: str, **fields: Any) -> LifecycleFrame:
    msg = {"market_ticker": "KXM-1", "event_type": event_type, **fields}
    frame: LifecycleFrame = frame_of("market_lifecycle_v2", msg, sending_ts_ms=1669149841234)
    return frame


def test_trade() -> None:
    trade = to_stream_trade(trade_of(is_block_trade=True).msg)
    assert (trade.price, trade.contracts) == (Decimal("0.3600"), Decimal("136.00"))
    assert (trade.taker, trade.is_block) == (TakerSide.SECOND, True)
    assert trade.traded_at == datetime(2022, 11, 22, 20, 44, 1, 123_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "taker"),
    [
        ({}, TakerSide.SECOND),
        ({"taker_outcome_side": None}, TakerSide.SECOND),
        ({"taker_outcome_side": None, "taker_book_side": "bid"}, TakerSide.FIRST),
        ({"taker_outcome_side": None, "taker_book_side": None}, TakerSide.SECOND),
        ({"taker_outcome_side": "maybe"}, None),
    ],
)
def test_taker(fields: dict[str, Any], taker: TakerSide | None) -> None:
    assert to_stream_trade(trade_of(**fields).msg).taker is taker


def test_price_of_the_other_side() -> None:
    trade = to_stream_trade(trade_of(yes_price_dollars=None).msg)
    assert trade.price == Decimal("0.3600")


@pytest.mark.parametrize(
    "fields",
    [
        {"trade_id": ""},
        {"trade_id": "x" * 201},
        {"market_ticker": "A B"},
        {"market_ticker": ""},
        {"count_fp": None},
        {"count_fp": "-1.00"},
        {"yes_price_dollars": "1.5"},
        {"yes_price_dollars": None, "no_price_dollars": None},
        {"ts_ms": None, "ts": None},
        {"ts_ms": -1},
        {"ts_ms": 10**20},
    ],
    ids=str,
)
def test_unreadable_trade(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        to_stream_trade(trade_of(**fields).msg)


@pytest.mark.parametrize(
    ("frame", "status"),
    [
        pytest.param(market_change("created"), MarketStatus.UPCOMING, id="created"),
        pytest.param(market_change("activated"), MarketStatus.OPEN, id="activated"),
        pytest.param(market_change("deactivated"), MarketStatus.PAUSED, id="deactivated"),
        pytest.param(market_change("determined"), MarketStatus.DETERMINED, id="determined"),
        pytest.param(market_change("settled"), MarketStatus.SETTLED, id="settled"),
        pytest.param(market_change("close_date_updated"), None, id="close-date"),
        pytest.param(market_change("metadata_updated"), None, id="metadata"),
        pytest.param(market_change("invented_tomorrow"), None, id="unknown"),
    ],
)
def test_status(frame: LifecycleFrame, status: MarketStatus | None) -> None:
    event = to_lifecycle_event(frame, received_at=NOW)
    assert (event.status, event.subject, event.ext_id) == (status, Subject.MARKET, "KXM-1")
    assert event.sent_at == datetime(2022, 11, 22, 20, 44, 1, 234_000, tzinfo=UTC)


def test_determined() -> None:
    frame = market_change(
        "determined", determination_ts=1784501722, result="yes", settlement_value="0.5000"
    )
    event = to_lifecycle_event(frame, received_at=NOW)
    assert (event.result, event.settlement_price) == ("yes", Decimal("0.5"))
    assert event.happened_at == datetime.fromtimestamp(1784501722, UTC)
    assert event.payload["settlement_value"] == "0.5000"


def test_created_market_names_its_event_and_keeps_exact_numbers() -> None:
    details = {"event_ticker": "KXE-1", "floor_strike": 4487.1, "title": "a\x00b"}
    event = to_lifecycle_event(
        market_change("created", open_ts=1, close_ts=2, additional_metadata=details),
        received_at=NOW,
    )
    assert event.parent_ext_id == "KXE-1"
    assert (event.open_at, event.close_at) == (
        datetime.fromtimestamp(1, UTC),
        datetime.fromtimestamp(2, UTC),
    )
    assert event.payload["additional_metadata"] == {
        "event_ticker": "KXE-1",
        "floor_strike": Decimal("4487.1"),
        "title": "ab",
    }


@pytest.mark.parametrize(
    ("kind", "ours"),
    [("event_lifecycle", "event_created"), ("event_fee_update", "event_fee_updated")],
)
def test_events_of_events(kind: str, ours: str) -> None:
    msg = {"event_ticker": "KXE-1", "series_ticker": "", "fee_type_override": None}
    event = to_lifecycle_event(frame_of(kind, msg), received_at=NOW)
    assert (event.kind, event.subject, event.ext_id) == (ours, Subject.EVENT, "KXE-1")
    assert (event.parent_ext_id, event.sent_at) == (None, None)


@pytest.mark.parametrize(
    "msg",
    [
        {"event_type": "settled"},
        {"market_ticker": "", "event_type": "settled"},
        {"market_ticker": "A\nB", "event_type": "settled"},
        {"market_ticker": "KXM", "event_type": ""},
        {"market_ticker": "KXM", "event_type": "x" * 61},
        {"market_ticker": "KXM", "event_type": "settled", "settled_ts": -1},
        {"market_ticker": "KXM", "event_type": "settled", "settled_ts": "soon"},
        {"market_ticker": "KXM", "event_type": "determined", "settlement_value": "2"},
    ],
    ids=str,
)
def test_unreadable_announcement(msg: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        to_lifecycle_event(frame_of("market_lifecycle_v2", msg), received_at=NOW)


def test_milliseconds_are_exact() -> None:
    assert from_ms(1669149841234).isoformat() == "2022-11-22T20:44:01.234000+00:00"
