"""Numbers from outside have one door."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.types import parse_decimal, to_price

HOSTILE = [
    pytest.param("", id="empty"),
    pytest.param("NaN", id="nan"),
    pytest.param("Infinity", id="infinity"),
    pytest.param("1e400", id="huge-exponent"),
    pytest.param("1e-3", id="small-exponent"),
    pytest.param("1_000", id="underscore"),
    pytest.param(" 0.5", id="blank"),
    pytest.param("\u0660.\u0665", id="arabic-digits"),
    pytest.param("\uff11", id="full-width-digit"),
    pytest.param("0.5\n", id="newline"),
    pytest.param(".5", id="no-leading-digit"),
    pytest.param("5.", id="no-fraction"),
    pytest.param("+1", id="plus"),
    pytest.param("0x1", id="hex"),
    pytest.param("9" * 19, id="too-long"),
    pytest.param("0." + "1" * 13, id="too-fine"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_refuses_what_is_not_a_plain_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a plain decimal"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["0", "1", "0.5", "0.123456", "1.000000", "0.0001"])
def test_price_keeps_every_digit(text: str) -> None:
    assert str(to_price(text)) == text


@pytest.mark.parametrize("text", ["-0.01", "1.000001", "45", "100"])
def test_price_outside_0_to_1_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        to_price(text)


@given(st.decimals(-(10**17), 10**17, places=8, allow_nan=False, allow_infinity=False))
def test_reads_back_any_plain_decimal(number: Decimal) -> None:
    assert parse_decimal(f"{number:f}") == number


@given(st.text(max_size=30))
def test_never_returns_anything_but_a_finite_number(text: str) -> None:
    try:
        number = parse_decimal(text)
    except ValueError:
        return
    assert number.is_finite()
    assert abs(number) < 10**18
