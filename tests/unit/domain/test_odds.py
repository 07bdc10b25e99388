"""American odds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.odds import american_odds
from app.domain.types import Price


@pytest.mark.parametrize(
    ("price", "odds"),
    [
        pytest.param("0.5", 100, id="even"),
        pytest.param("0.4", 150, id="underdog"),
        pytest.param("0.6", -150, id="favourite"),
        pytest.param("0.48", 108, id="rounded down"),
        pytest.param("0.495", 102, id="rounded"),
        pytest.param("0.99", -9900, id="near certain"),
        pytest.param("0.000001", 99999900, id="smallest price"),
        pytest.param("0.999999", -99999900, id="largest price"),
        pytest.param("0.16", 525, id="exact"),
        pytest.param("0.470588", 113, id="halves: 112.5 and a little"),
        pytest.param("0", None, id="no bet at 0"),
        pytest.param("1", None, id="no bet at 1"),
    ],
)
def test_named_prices(price: str, odds: int | None) -> None:
    assert american_odds(Price(Decimal(price))) == odds


def test_no_price_has_no_odds() -> None:
    assert american_odds(None) is None


@given(st.decimals("0.000001", "0.999999", places=6))
def test_odds_of_both_sides_mirror(price: Decimal) -> None:
    ours, theirs = american_odds(Price(price)), american_odds(Price(1 - price))

    assert ours is not None
    assert theirs is not None
    assert ours == -theirs or price == Decimal("0.5")
    assert abs(ours) >= 100
