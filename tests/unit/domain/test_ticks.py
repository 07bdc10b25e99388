"""Prices and counts from text, and how an empty side is told."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import ticks
from app.domain.ticks import (
    PRICES,
    centis_to_contracts,
    centis_to_text,
    micros_to_price,
    micros_to_text,
    to_centis,
    to_micros,
    to_offer,
)

UNHURRIED = settings(deadline=None)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        pytest.param("", None, id="not-said"),
        pytest.param("0.4800", 480_000, id="four-decimals"),
        pytest.param("0.48", 480_000, id="two-decimals"),
        pytest.param("0.000001", 1, id="smallest"),
        pytest.param("1.0000", 1_000_000, id="one"),
        pytest.param("0.0000", 0, id="zero"),
        pytest.param("0.48000000", 480_000, id="more-zeros"),
    ],
)
def test_price_text(text: str, micros: int | None) -> None:
    assert to_micros(text) == micros
    assert to_micros(text) == micros, "the second time from memory"


@pytest.mark.parametrize(
    "text",
    [
        "1.0001",
        "-0.1",
        "48",
        "1e-1",
        "NaN",
        "Infinity",
        "0,48",
        " 0.48",
        "0.4_8",
        "\u0660.\u0664",
        "0.0000001",
    ],
)
def test_price_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"price|plain decimal"):
        to_micros(text)
    assert text not in PRICES


def test_price_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "_MAX_PRICES", 10)
    for micros in range(100):
        assert to_micros(f"0.{micros:06d}") == micros
        assert len(PRICES) <= 11
    assert to_micros("") is None


@pytest.mark.parametrize(
    ("text", "centis"),
    [
        pytest.param("0.00", 0, id="zero"),
        pytest.param("129429.62", 12_942_962, id="two-decimals"),
        pytest.param("7", 700, id="whole"),
        pytest.param("7.5", 750, id="one-decimal"),
        pytest.param("7.500", 750, id="more-zeros"),
        pytest.param("999999999999999.99", 99_999_999_999_999_999, id="largest"),
    ],
)
def test_count_text(text: str, centis: int) -> None:
    assert to_centis(text) == centis


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".50",
        "-1.00",
        "1.005",
        "1e3",
        "1_0.00",
        " 1.00",
        "12.5.00",
        "\u0667.\u0660\u0660",
        "1000000000000000.00",
    ],
)
def test_count_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        to_centis(text)


@pytest.mark.parametrize(
    ("price", "size", "offer"),
    [
        pytest.param("0.4800", "10.00", (480_000, 1000), id="offered"),
        pytest.param("0.0000", "0.00", (None, None), id="no-bid"),
        pytest.param("1.0000", "0.00", (None, None), id="no-ask"),
        pytest.param("0.4800", "0.00", (None, None), id="price-without-size"),
        pytest.param("1.0000", "5.00", (None, None), id="one-is-no-offer"),
        pytest.param("0.4800", "", (480_000, None), id="size-not-said"),
        pytest.param("", "", (None, None), id="nothing-said"),
    ],
)
def test_offer(price: str, size: str, offer: tuple[int | None, int | None]) -> None:
    assert to_offer(price, size) == offer


@given(st.integers(0, 1_000_000))
@UNHURRIED
def test_prices_there_and_back(micros: int) -> None:
    assert to_micros(micros_to_text(micros)) == micros
    assert micros_to_price(micros) == Decimal(micros_to_text(micros))


@given(st.integers(0, 10**17 - 1))
@UNHURRIED
def test_counts_there_and_back(centis: int) -> None:
    assert to_centis(centis_to_text(centis)) == centis
    assert centis_to_contracts(centis) == Decimal(centis_to_text(centis))


def test_nothing_stays_nothing() -> None:
    assert (micros_to_price(None), centis_to_contracts(None)) == (None, None)
    assert (micros_to_text(None), centis_to_text(None)) == ("", "")
