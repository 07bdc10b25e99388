"""What a position is worth, at the price it could be sold for and at mid."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.people import Side
from app.domain.positions import MarketPrices, mid_price, sale_price, worth
from app.domain.types import Contracts, Price

PRICES = st.decimals(0, 1, places=6).map(Price)


def price(text: str | None) -> Price | None:
    return None if text is None else Price(Decimal(text))


@pytest.mark.parametrize(
    ("side", "bid", "ask", "sale", "mid"),
    [
        pytest.param(Side.YES, "0.48", "0.52", "0.48", "0.50", id="yes"),
        pytest.param(Side.NO, "0.48", "0.52", "0.48", "0.50", id="no, even"),
        pytest.param(Side.NO, "0.10", "0.13", "0.87", "0.885", id="no"),
        pytest.param(Side.YES, None, "0.01", None, None, id="nobody buys yes"),
        pytest.param(Side.NO, "0.99", None, None, None, id="nobody buys no"),
        pytest.param(Side.NO, None, "0.01", "0.99", None, id="no, without a bid"),
        pytest.param(Side.YES, "0", "1", "0", "0.5", id="the whole range"),
    ],
)
def test_prices_of_a_side(
    side: Side, bid: str | None, ask: str | None, sale: str | None, mid: str | None
) -> None:
    prices = MarketPrices(price(bid), price(ask))

    assert (sale_price(side, prices), mid_price(side, prices)) == (price(sale), price(mid))


@pytest.mark.parametrize(("side", "paid"), [(Side.YES, "0.25"), (Side.NO, "0.75")])
def test_a_settlement_outweighs_offers(side: Side, paid: str) -> None:
    prices = MarketPrices(price("0.9"), None, settlement=price("0.25"))

    assert sale_price(side, prices) == mid_price(side, prices) == Decimal(paid)


@given(PRICES, PRICES)
def test_both_sides_are_worth_one_at_mid(bid: Price, ask: Price) -> None:
    prices = MarketPrices(bid, ask)
    yes, no = mid_price(Side.YES, prices), mid_price(Side.NO, prices)

    assert yes is not None
    assert no is not None
    assert yes + no == 1


@pytest.mark.parametrize(
    ("contracts", "price", "expected"),
    [
        pytest.param("250.5", "0.48", "120.24", id="exact"),
        pytest.param("0.00000001", "0.5", "0", id="half to even, down"),
        pytest.param("0.00000003", "0.5", "0.00000002", id="half to even, up"),
        pytest.param("9999999999999999.99999999", "1", "9999999999999999.99999999", id="huge"),
    ],
)
def test_worth(contracts: str, price: str, expected: str) -> None:
    assert worth(Contracts(Decimal(contracts)), Price(Decimal(price))) == Decimal(expected)


def test_nothing_is_worth_nothing_known() -> None:
    assert worth(Contracts(Decimal(5)), None) is None


@given(st.decimals("0.00000001", "9999999999999999", places=8), PRICES)
def test_it_never_fails(contracts: Decimal, price: Price) -> None:
    assert worth(Contracts(contracts), price) is not None
