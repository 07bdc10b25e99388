"""The wire against Kalshi's OpenAPI document: required fields and types of everything served."""

from collections.abc import Callable
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from sandbox.vendors.kalshi.routes import DATA, EXCHANGE, PRIVATE
from tests.contract.sandbox.conftest import PREFIX, Sign, Talk

Check = Callable[[str, Any], int]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class Document:
    """A small reader of JSON schema, as far as this document uses it."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self.checked = 0

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            steps = schema["$ref"].removeprefix("#/").split("/")
            schema = {**reduce(lambda node, step: node[step], steps, self._root), **_rest(schema)}
        return schema

    def answer(self, path: str) -> dict[str, Any]:
        content = self._root["paths"][path]["get"]["responses"]["200"]["content"]
        schema: dict[str, Any] = content["application/json"]["schema"]
        return schema

    def check(self, value: Any, schema: dict[str, Any], where: str) -> None:
        schema = self.resolve(schema)
        for part in schema.get("allOf", []):
            self.check(value, part, where)
        if value is None:
            assert schema.get("nullable"), f"{where} is null"
            return
        self.checked += 1
        kind = schema.get("type")
        if kind is not None:
            assert isinstance(value, _TYPES[kind]), f"{where}: {value!r} is no {kind}"
            assert isinstance(value, bool) == (kind == "boolean"), where
        if "enum" in schema:
            assert value in schema["enum"], f"{where}: {value!r}"
        if schema.get("format") == "date-time":
            assert datetime.fromisoformat(value).tzinfo is not None, where
        self._check_inside(value, schema, where)

    def _check_inside(self, value: Any, schema: dict[str, Any], where: str) -> None:
        if isinstance(value, list):
            for number, item in enumerate(value):
                self.check(item, schema.get("items", {}), f"{where}[{number}]")
        if isinstance(value, dict):
            missing = set(schema.get("required", [])) - set(value)
            assert not missing, f"{where} lacks {sorted(missing)}"
            for name, part in schema.get("properties", {}).items():
                if name in value:
                    self.check(value[name], part, f"{where}.{name}")


def _rest(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in schema.items() if key == "nullable"}


@pytest.fixture(scope="session")
def document(shared_data: Path) -> Document:
    yaml = pytest.importorskip("yaml")
    path = shared_data.parent / "reference" / "kalshi-openapi.yaml"
    if not path.exists():
        pytest.skip("the OpenAPI document is not here (../shared/reference)")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Document(yaml.load(path.read_bytes(), Loader=loader))


@pytest.mark.parametrize(
    ("path", "params"),
    [
        pytest.param("/exchange/status", {}, id="status"),
        pytest.param("/exchange/schedule", {}, id="schedule"),
        pytest.param("/series", {"include_volume": "true"}, id="series"),
        pytest.param("/events", {"with_milestones": "true"}, id="events"),
        pytest.param("/events", {"with_nested_markets": "true"}, id="events-nested"),
        pytest.param("/events/multivariate", {"with_nested_markets": "true"}, id="combos"),
        pytest.param("/markets", {"limit": 1000}, id="markets"),
        pytest.param("/markets/trades", {"limit": 200}, id="trades"),
        pytest.param("/historical/cutoff", {}, id="cutoff"),
        pytest.param("/historical/markets", {"limit": 1000}, id="historical"),
        pytest.param("/account/endpoint_costs", {}, id="costs"),
    ],
)
async def test_answers_fit_the_document(
    document: Document, talk: Talk, path: str, params: dict[str, Any]
) -> None:
    body = await talk.json(path, **params)
    before = document.checked
    document.check(body, document.answer(path), path)
    assert document.checked > before + 1


async def test_every_status_and_every_market_fits(document: Document, talk: Talk) -> None:
    rows = await talk.walk("/markets", "markets", limit=1000)
    for row in rows:
        document.check(row, {"$ref": "#/components/schemas/Market"}, row["ticker"])
    assert {"active", "finalized"} <= {row["status"] for row in rows}


async def test_single_answers_fit(document: Document, talk: Talk) -> None:
    market = (await talk.json("/markets", status="open", mve_filter="exclude"))["markets"][0]
    event, ticker = market["event_ticker"], market["ticker"]
    series = (await talk.json(f"/events/{event}"))["event"]["series_ticker"]
    span = {"start_ts": 1795262400, "end_ts": 1795348800, "period_interval": 60}
    old = (await talk.json("/historical/markets"))["markets"][0]["ticker"]
    for path, template, params in (
        (f"/series/{series}", "/series/{series_ticker}", {}),
        (f"/events/{event}", "/events/{event_ticker}", {}),
        (f"/markets/{ticker}", "/markets/{ticker}", {}),
        (f"/markets/{ticker}/orderbook", "/markets/{ticker}/orderbook", {}),
        ("/markets/orderbooks", "/markets/orderbooks", {"tickers": [ticker]}),
        ("/markets/candlesticks", "/markets/candlesticks", {"market_tickers": ticker, **span}),
        (
            f"/series/{series}/markets/{ticker}/candlesticks",
            "/series/{series_ticker}/markets/{ticker}/candlesticks",
            span,
        ),
        (
            f"/series/{series}/events/{event}/candlesticks",
            "/series/{series_ticker}/events/{ticker}/candlesticks",
            span,
        ),
        (f"/historical/markets/{old}", "/historical/markets/{ticker}", {}),
    ):
        document.check(await talk.json(path, **params), document.answer(template), path)


async def test_private_answers_fit(document: Document, talk: Talk, sign: Sign) -> None:
    key = talk.sandbox.keys.all()[0]
    for path in ("/account/limits", "/portfolio/balance"):
        response = await talk.client.get(PREFIX + path, headers=sign(key, path))
        assert response.status_code == 200, response.text
        document.check(response.json(), document.answer(path), path)


async def test_every_route_exists_in_the_document(document: Document) -> None:
    known = {path.replace("{series_ticker}", "{}") for path in document._root["paths"]}
    known = {_blank(path) for path in known}
    for path, _ in (*EXCHANGE, *DATA, *PRIVATE):
        assert _blank(path) in known


def _blank(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


async def test_rows_look_like_recorded_ones(talk: Talk, shared_data: Path) -> None:
    """Names of fields: ours are those of the recordings, but for what came and went since."""
    import gzip
    import json

    folder = shared_data / "kalshi" / "rest"
    events = json.loads(
        gzip.decompress((folder / "events_nested_sports_2026-08-07.json.gz").read_bytes())
    )
    recorded = {name for event in events for market in event["markets"] for name in market}
    served = {
        name
        for row in await talk.walk("/markets", "markets", limit=1000, mve_filter="exclude")
        for name in row
    }
    newer = {"settlement_bounds_type", "settlement_floor_dollars", "primary_participant_key"}
    rare = {"cap_strike", "is_provisional", "settlement_ts", "settlement_value_dollars"}
    assert served - recorded <= newer | rare
    assert recorded - served <= {"liquidity_dollars", "subtitle"}
    for row in (await talk.json("/markets"))["markets"]:
        assert list(row) == sorted(row)


async def test_absent_values_follow_the_conventions(talk: Talk) -> None:
    rows = await talk.walk("/markets", "markets", limit=1000)
    one_sided = untraded = sub_cent = fractional = 0
    for row in rows:
        assert (row["yes_bid_size_fp"] == "0.00") == (row["yes_bid_dollars"] == "0.0000")
        assert (row["yes_ask_size_fp"] == "0.00") == (row["yes_ask_dollars"] == "1.0000")
        assert (row["volume_fp"] == "0.00") == (row["last_price_dollars"] == "0.0000")
        assert None not in row.values()
        assert (row["result"] == "") == ("settlement_value_dollars" not in row)
        assert ("settlement_ts" in row) == (row["status"] == "finalized")
        one_sided += "0.00" in (row["yes_bid_size_fp"], row["yes_ask_size_fp"])
        untraded += row["volume_fp"] == "0.00"
        sub_cent += not row["yes_ask_dollars"].endswith("00")
        fractional += not row["volume_fp"].endswith(".00")
    assert min(one_sided, untraded, sub_cent, fractional) > 3


async def test_combos_are_apart(talk: Talk) -> None:
    every = await talk.walk("/markets", "markets", limit=1000)
    plain = await talk.walk("/markets", "markets", limit=1000, mve_filter="exclude")
    combos = await talk.walk("/markets", "markets", limit=1000, mve_filter="only")
    assert len(every) == len(plain) + len(combos)
    assert {row["ticker"][:5] for row in combos} == {"KXMVE"}
    assert all(row["mve_selected_legs"] and row["is_provisional"] for row in combos)
    assert not any(row["ticker"].startswith("KXMVE") for row in plain)
    events = await talk.walk("/events", "events")
    assert not any(row["event_ticker"].startswith("KXMVE") for row in events)
    minted = await talk.walk("/events/multivariate", "events")
    assert {row["event_ticker"] for row in combos} <= {row["event_ticker"] for row in minted}
    for event in events:
        assert event["mutually_exclusive"] == (event["collateral_return_type"] == "MECNET")
