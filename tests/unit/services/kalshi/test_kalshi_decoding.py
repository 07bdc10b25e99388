"""JSON with exact numbers, and what the lenient reader saves of a page."""

from decimal import Decimal

import pytest

from app.services.kalshi.decoding import NotJson, decode_json
from app.services.kalshi.normalize import clean_row
from app.services.kalshi.normalize.rows import UnreadableNumber


def test_numbers_are_exact() -> None:
    document = decode_json(b'{"a":0.1,"b":9007199254740993.5,"c":7,"d":1e-7,"e":true}')
    assert document == {
        "a": Decimal("0.1"),
        "b": Decimal("9007199254740993.5"),
        "c": 7,
        "d": Decimal("1E-7"),
        "e": True,
    }
    assert isinstance(document, dict)
    assert not any(isinstance(field, float) for field in document.values())


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(b"NaN", id="nan"),
        pytest.param(b"-Infinity", id="infinity"),
        pytest.param(b"1e99999999999999999999", id="huge-exponent"),
        pytest.param(b"1" * 5000, id="long-integer"),
    ],
)
def test_number_no_decimal_can_hold_costs_only_its_row(token: bytes) -> None:
    document = decode_json(b'{"rows":[{"n":' + token + b'},{"n":0.5}]}')
    assert isinstance(document, dict)
    bad, good = document["rows"]
    assert isinstance(bad["n"], UnreadableNumber)
    assert good == {"n": Decimal("0.5")}
    with pytest.raises(ValueError, match="a number that cannot be kept"):
        clean_row(bad)


def test_number_that_fits_a_decimal_but_no_column_costs_its_row() -> None:
    document = decode_json(b'{"n":1e400}')
    with pytest.raises(ValueError, match="a number that cannot be kept"):
        clean_row(document)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b'{"t":"a\\ud800b"}', "ab", id="lone-high-surrogate"),
        pytest.param(b'{"t":"a\\udc00b"}', "ab", id="lone-low-surrogate"),
        pytest.param(b'{"t":"a\\u0000b"}', "ab", id="escaped-nul"),
        pytest.param(b'{"t":"a\x00b"}', "ab", id="raw-nul"),
        pytest.param(b'{"t":"a\xffb"}', "a\N{REPLACEMENT CHARACTER}b", id="not-utf-8"),
        pytest.param(b'{"t":"a\nb"}', "a\nb", id="raw-newline"),
        pytest.param(b'\xef\xbb\xbf{"t":"ab"}', "ab", id="byte-order-mark"),
        pytest.param('{"t":"Jokić 🏀"}'.encode(), "Jokić 🏀", id="fine"),
        pytest.param(b'{"t":"\\ud83c\\udfc0"}', "🏀", id="surrogate-pair"),
    ],
)
def test_text_is_kept_without_what_cannot_be_stored(body: bytes, text: str) -> None:
    assert clean_row(decode_json(body)) == {"t": text}


@pytest.mark.parametrize(
    "body",
    [b"", b'{"events":[{"a":1', b"<html></html>", b"[" * 200_000, b"{} trailing", b"\x1f\x8b"],
    ids=["empty", "cut-off", "html", "deep", "trailing", "gzip"],
)
def test_not_json(body: bytes) -> None:
    with pytest.raises(NotJson):
        decode_json(body)
