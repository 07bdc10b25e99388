"""What a position is worth now: at the price it could be sold for, and at mid price."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from app.domain.people import Side
from app.domain.types import Contracts, Price, Usd

_CENTI_MICRO = Decimal("0.00000001")  # as money is stored
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class MarketPrices:
    """What a position is judged by; prices of the first outcome, None = nobody offers.

    Attributes:
        settlement: what the first outcome paid, None while nobody knows.
    """

    bid: Price | None
    ask: Price | None
    settlement: Price | None = None


def sale_price(side: Side, prices: MarketPrices) -> Price | None:
    """Return what one contract of a side could be sold for; None when nobody would buy it."""
    if prices.settlement is not None:
        return _of_side(side, prices.settlement)
    if side is Side.YES:
        return prices.bid
    return None if prices.ask is None else _of_side(side, prices.ask)


def mid_price(side: Side, prices: MarketPrices) -> Price | None:
    """Return the middle between bid and ask for a side; None when one of them is missing."""
    if prices.settlement is not None:
        return _of_side(side, prices.settlement)
    if prices.bid is None or prices.ask is None:
        return None
    return _of_side(side, Price((prices.bid + prices.ask) * _HALF))


def worth(contracts: Contracts, price: Price | None) -> Usd | None:
    """Return what so many contracts are worth, to eight decimals, half to even."""
    if price is None:
        return None
    return Usd((contracts * price).quantize(_CENTI_MICRO, ROUND_HALF_EVEN))


def _of_side(side: Side, price: Price) -> Price:
    """Return the price of a side, given that of the first outcome."""
    return price if side is Side.YES else Price(1 - price)
