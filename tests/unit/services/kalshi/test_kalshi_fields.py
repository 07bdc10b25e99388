"""Single fields: exact, bounded, and never guessed."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.kalshi.normalize.fields import (
    from_unix,
    read_count,
    read_number,
    read_offer,
    read_price,
    read_time,
)


@pytest.mark.parametrize(
    ("dollars", "cents", "price"),
    [
        pytest.param("0.4300", None, "0.4300", id="dollars"),
        pytest.param("0.0010", None, "0.0010", id="tenth-of-a-cent"),
        pytest.param("0.1234", None, "0.1234", id="hundredth-of-a-cent"),
        pytest.param("0.0000", None, "0", id="zero"),
        pytest.param("1.0000", None, "1", id="one"),
        pytest.param(None, 45, "0.45", id="cents"),
        pytest.param(None, 100, "1", id="hundred-cents"),
        pytest.param("0.455", 45, "0.455", id="dollars-win"),
        pytest.param("", 45, "0.45", id="empty-dollars"),
        pytest.param(None, "0.5600", "0.56", id="historical-dollars"),
    ],
)
def test_price(dollars: str | None, cents: int | str | None, price: str) -> None:
    assert read_price(dollars, cents) == Decimal(price)


def test_price_keeps_its_digits() -> None:
    assert str(read_price("0.4300")) == "0.4300"


@pytest.mark.parametrize(("dollars", "cents"), [(None, None), ("", None), (None, "")])
def test_no_price(dollars: str | None, cents: int | str | None) -> None:
    assert read_price(dollars, cents) is None


HOSTILE_PRICES = [
    "1.0001", "-0.01", "NaN", "Infinity", "1e-2", "0.4\x005", "0,45", " 0.45", "0.45\n", ".5",
    "0x1", "\u0660.\u0664", "0_1", "45", "--1", "0.4500000000000001",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE_PRICES)
def test_hostile_price(text: str) -> None:
    with pytest.raises(ValueError, match=r"price|decimal"):
        read_price(text)
    with pytest.raises(ValueError, match=r"price|decimal"):
        read_price(None, text)


@pytest.mark.parametrize("cents", [-1, 101, 4500, 10**30])
def test_hostile_cents(cents: int) -> None:
    with pytest.raises(ValueError, match="cents"):
        read_price(None, cents)


@pytest.mark.parametrize(
    ("text", "price"),
    [("0.0000", None), ("1.0000", None), ("0.0010", "0.001"), ("0.9990", "0.999"), ("", None)],
)
def test_offer_at_an_end_is_nobody(text: str, price: str | None) -> None:
    assert read_offer(text) == (Decimal(price) if price else None)


@pytest.mark.parametrize(
    ("fixed", "whole", "count"),
    [
        pytest.param("2009.83", None, "2009.83", id="fraction"),
        pytest.param("0.01", None, "0.01", id="smallest"),
        pytest.param("0.00", None, "0", id="none"),
        pytest.param(None, 13082, "13082", id="older-integer"),
        pytest.param(None, "12.50", "12.5", id="historical-text"),
        pytest.param("5.00", 4, "5", id="fixed-wins"),
    ],
)
def test_count(fixed: str | None, whole: int | str | None, count: str) -> None:
    assert read_count(fixed, whole) == Decimal(count)


@pytest.mark.parametrize("text", ["-0.01", "1e3", "NaN", "1000000000000000", "many"])
def test_hostile_count(text: str) -> None:
    with pytest.raises(ValueError, match=r"count|decimal"):
        read_count(text)


@pytest.mark.parametrize("whole", [-1, 10**15, 10**400])
def test_hostile_whole_count(whole: int) -> None:
    with pytest.raises(ValueError, match="count"):
        read_count(None, whole)


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        (8, "8"),
        (Decimal("8.5"), "8.5"),
        (Decimal("1E-7"), "1E-7"),
        (Decimal("-1E+5"), "-1E+5"),
        (Decimal("0.14400000000000002"), "0.14400000000000002"),
    ],
)
def test_number(number: int | Decimal, exact: str) -> None:
    assert read_number(number) == Decimal(exact)


@pytest.mark.parametrize(
    "number",
    [10**15, Decimal("1E+400"), Decimal("1E-31"), Decimal("NaN"), Decimal("-Infinity")],
)
def test_hostile_number(number: int | Decimal) -> None:
    with pytest.raises(ValueError, match="number out of range"):
        read_number(number)


def test_number_with_a_limit_of_its_own() -> None:
    assert read_number(Decimal("0.5"), below=Decimal(10)) == Decimal("0.5")
    with pytest.raises(ValueError, match="number out of range"):
        read_number(10, below=Decimal(10))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-06-14T07:33:32Z", datetime(2026, 6, 14, 7, 33, 32, tzinfo=UTC), id="s"),
        pytest.param(
            "2026-06-14T07:33:32.55868Z",
            datetime(2026, 6, 14, 7, 33, 32, 558680, tzinfo=UTC),
            id="five-digits",
        ),
        pytest.param(
            "2026-06-14T07:33:32.123456789Z",
            datetime(2026, 6, 14, 7, 33, 32, 123456, tzinfo=UTC),
            id="nanoseconds-cut",
        ),
        pytest.param(
            "2026-06-14T03:33:32-04:00", datetime(2026, 6, 14, 7, 33, 32, tzinfo=UTC), id="offset"
        ),
    ],
)
def test_time(text: str, moment: datetime) -> None:
    found = read_time(text)
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", [None, "", "0001-01-01T00:00:00Z"])
def test_time_nobody_set(text: str | None) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize(
    "text",
    ["2026-06-14T07:33:32", "1786138200", "20260614", "soon", "2026-13-01T00:00:00Z",
     "9999-12-31T23:59:59-14:00", "2026-06-14"],
)  # fmt: skip
def test_hostile_time(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library words some of them
        read_time(text)


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1 < moment.year < 9999))
def test_time_round_trip(aware: datetime) -> None:
    assert read_time(aware.isoformat().replace("+00:00", "Z")) == aware
    eastern = timezone(timedelta(hours=-5))
    assert read_time(aware.astimezone(eastern).isoformat()) == aware


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        found = read_time(text)
    except ValueError:
        return
    assert found is None or found.tzinfo is UTC


def test_unix_seconds() -> None:
    assert from_unix(1786138200) == datetime(2026, 8, 7, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [-1, 253_402_300_800, 1786138200000])
def test_hostile_unix_seconds(seconds: int) -> None:
    with pytest.raises(ValueError, match="Unix seconds"):
        from_unix(seconds)
