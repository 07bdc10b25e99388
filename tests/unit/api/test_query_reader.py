"""Reading parameters, and saying what is wrong with them."""

from typing import Any

import pytest
from fastapi import Request
from fastapi.exceptions import RequestValidationError

from app.api.errors import describe
from app.api.params import REPEATABLE, MarketParams, SeriesParams
from app.api.query import QueryReader, query_parameters
from app.core.errors import InvalidRequest
from app.domain.types import Exchange, MarketStatus
from app.repositories.market_order import MarketSort

READER = QueryReader(MarketParams, repeatable=REPEATABLE)


def asked(query: bytes) -> Request:
    return Request({"type": "http", "query_string": query, "headers": []})


def test_defaults() -> None:
    params = READER.read(asked(b""))

    assert (params.limit, params.sort, params.cursor) == (50, MarketSort.VOLUME, None)
    assert params.to_filter().statuses == ()
    assert params.to_filter().include_combos is False


def test_everything() -> None:
    params = READER.read(
        asked(
            b"exchange=kalshi&status=paused&status=open&status=open&category=Climate+and+Weather"
            b"&q=%C3%9Cber++50%25&include_combos=true&sort=close&limit=7"
            b"&closes_after=2026-11-22T12:00:00%2B01:00"
        )
    )

    wanted = params.to_filter()
    assert wanted.exchange is Exchange.KALSHI
    assert wanted.statuses == (MarketStatus.OPEN, MarketStatus.PAUSED), "sorted, each once"
    assert wanted.category == "Climate and Weather"
    assert wanted.words == ("Über", "50%")
    assert wanted.closes_after is not None
    assert wanted.closes_after.isoformat() == "2026-11-22T12:00:00+01:00"
    assert (wanted.include_combos, params.sort, params.limit) == (True, MarketSort.CLOSE, 7)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        pytest.param(
            b"limit=0",
            "limit: Input should be greater than or equal to 1.",
            id="a bound",
        ),
        pytest.param(
            b"exchange=nyse", "exchange: Input should be 'kalshi' or 'polymarket'.", id="a word"
        ),
        pytest.param(b"q=a", "q: needs at least 2 characters.", id="our own rule"),
        pytest.param(
            b"zebra=1&lion=2", "there is a parameter that this request does not have.", id="unknown"
        ),
        pytest.param(
            b"limit=x&q=%00ab",
            "limit: Input should be a valid integer, unable to parse string as an integer; "
            "q: must be plain text.",
            id="two problems",
        ),
    ],
)
def test_sentences(query: bytes, sentence: str) -> None:
    with pytest.raises(RequestValidationError) as refused:
        READER.read(asked(query))

    assert describe(refused.value.errors()) == sentence


@pytest.mark.parametrize("query", [b"limit=1&limit=1", b"&".join([b"status=open"] * 51)])
def test_too_many(query: bytes) -> None:
    with pytest.raises(InvalidRequest):
        READER.read(asked(query))


def test_parameters_are_described_without_references() -> None:
    described: list[dict[str, Any]] = query_parameters(MarketParams)["parameters"]

    assert [one["name"] for one in described] == list(MarketParams.model_fields)
    assert "$ref" not in str(described)
    assert not any(one["required"] for one in described)


def test_series_take_few() -> None:
    with pytest.raises(RequestValidationError):
        QueryReader(SeriesParams).read(asked(b"sort=volume"))
