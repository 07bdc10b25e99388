"""Recorded answers that are not rows: exchange state, limits, errors; and documented trades."""

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.trades import TakerSide
from app.models.kalshi import KalshiAccountLimits, KalshiSchedule
from app.services.kalshi.budget import cost_of
from app.services.kalshi.decoding import decode_json
from app.services.kalshi.errors import parse_error
from app.services.kalshi.normalize import to_exchange_status, to_public_trade


@pytest.fixture(scope="module")
def january(shared_data: Path) -> dict[str, Any]:
    packed = shared_data / "kalshi" / "rest" / "golden_jan2026_misc_endpoints.json.gz"
    document = decode_json(gzip.decompress(packed.read_bytes()))
    assert isinstance(document, dict)
    return {name: part["response"] for name, part in document.items()}


@pytest.fixture(scope="module")
def account(shared_data: Path) -> dict[str, Any]:
    folder = shared_data / "kalshi" / "portfolio"
    lines = (folder / "demo_scenario_account_facts_2026-07-06.jsonl").read_text().splitlines()
    return {step["step"]: step["data"] for step in map(json.loads, lines)}


def test_exchange_status(january: dict[str, Any]) -> None:
    status = to_exchange_status(january["exchange_status_response"])
    assert (status.is_active, status.is_trading, status.resumes_at) == (True, True, None)


def test_exchange_schedule(january: dict[str, Any]) -> None:
    schedule = KalshiSchedule.model_validate(january["exchange_schedule_response"]["schedule"])
    assert schedule.standard_hours is not None
    assert schedule.standard_hours[0].thursday is not None
    sessions = [(day.open_time, day.close_time) for day in schedule.standard_hours[0].thursday]
    assert sessions == [("00:00", "03:00"), ("05:00", "00:00")]


def test_account_limits(account: dict[str, Any]) -> None:
    limits = KalshiAccountLimits.model_validate(account["api_limits"])
    assert (limits.usage_tier, limits.read.refill_rate) == ("basic", 200)
    assert limits.read.bucket_capacity == 400


def test_costs_are_those_kalshi_lists(account: dict[str, Any]) -> None:
    """Reads we might make; routes of other products and other methods are left out."""
    listed = account["endpoint_costs"]
    assert cost_of("/markets") == listed["default_cost"]
    reads = {
        part["path"].removeprefix("/trade-api/v2"): part["cost"]
        for part in listed["endpoint_costs"]
        if part["method"] == "GET" and "/margin/" not in part["path"]
    }
    assert len(reads) == 4
    for path, cost in reads.items():
        concrete = path.replace(":order_id", "o1").replace(":quote_id", "q1")
        assert cost_of(concrete.replace("*endpoint", "values")) == cost


def test_error_bodies(january: dict[str, Any], shared_data: Path) -> None:
    forbidden = parse_error(
        json.dumps(january["portfolio_total_resting_order_value_response"]).encode()
    )
    assert forbidden is not None
    assert (forbidden.code, forbidden.message) == ("permission_denied", "permission denied")
    name = "markets_settled_and_status_filter_errors_2026-08-08.json"
    document = json.loads((shared_data / "kalshi" / "rest" / name).read_bytes())
    bodies = [
        query["error"].partition("\n")[2] for query in document["queries"] if "error" in query
    ]
    assert len(bodies) >= 4
    for body in bodies:
        error = parse_error(body.encode())
        assert error is not None
        assert (error.code, error.details) == ("bad_request", "invalid status filter")


def test_documented_trade(shared_data: Path) -> None:
    """No trade of REST was recorded: the socket document's example, with REST's names."""
    examples = json.loads(
        (shared_data / "kalshi" / "ws" / "asyncapi_examples_2026-10.json").read_bytes()
    )
    message = examples["trade"][0]["payload"]["msg"]
    row = {
        key: field for key, field in message.items() if key not in {"market_ticker", "ts", "ts_ms"}
    }
    row |= {"ticker": message["market_ticker"], "created_time": "2022-11-22T20:44:01Z"}
    trade = to_public_trade(row)
    assert trade.ext_id == "d91bc706-ee49-470d-82d8-11418bda6fed"
    assert trade.market_ext_id == "HIGHNY-22DEC23-B53.5"
    assert (
        trade.price
        == Decimal(message["yes_price_dollars"])
        == 1 - Decimal(message["no_price_dollars"])
    )
    assert trade.contracts == Decimal("136")
    assert (trade.taker, trade.is_block) == (TakerSide.SECOND, False)
    assert trade.traded_at == datetime.fromtimestamp(message["ts"], UTC)
