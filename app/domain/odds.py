"""American odds: how a sports bettor reads a probability."""

from decimal import ROUND_HALF_UP, Decimal

from app.domain.types import Price

_EVEN = Decimal("0.5")


def american_odds(price: Price | None) -> int | None:
    """Return the American odds of a contract that costs `price` and pays 1.

    At even money and below the profit on 100 staked (0.4 -> 150); above it minus
    the stake that wins 100 (0.6 -> -150). Whole numbers, halves away from zero.
    None when there is no price, or no bet in it (0 and 1).
    """
    if price is None or not 0 < price < 1:
        return None
    if price <= _EVEN:
        return _rounded(100 * (1 - price) / price)
    return -_rounded(100 * price / (1 - price))


def _rounded(odds: Decimal) -> int:
    return int(odds.quantize(Decimal(1), rounding=ROUND_HALF_UP))
