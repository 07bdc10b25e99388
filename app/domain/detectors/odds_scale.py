"""Prices as the detectors count them: twice the micro-dollars, so that a mid is whole too."""

from decimal import Decimal
from functools import lru_cache
from math import log

from app.domain.types import Price

DOLLAR2 = 2_000_000  # a price of 1
CENT2 = 20_000
_LOW2, _HIGH2 = 40_000, 1_960_000  # 0.02 and 0.98: beyond, log-odds say more than prices do


@lru_cache(maxsize=65_536)
def log_odds(price2: int) -> float:
    """Return ln(p / (1 - p)) of a price in half micro-dollars, kept within 0.02 to 0.98."""
    kept = min(max(price2, _LOW2), _HIGH2)
    return log(kept) - log(DOLLAR2 - kept)


def to_price(price2: int | None) -> Price | None:
    """Return half micro-dollars as a price with six decimals, a half micro-dollar rounded down."""
    return None if price2 is None else Price(Decimal(price2 // 2).scaleb(-6))


def mark_of(last: int | None, bid: int | None, ask: int | None, cap: int) -> int | None:
    """Return what an outcome is worth, in half micro-dollars; None when nothing says it.

    The mid when the spread is at most `cap`, else the last trade; crossed quotes say nothing.

    Args:
        last, bid, ask, cap: micro-dollars; None = never traded, nobody offers.
    """
    if bid is not None and ask is not None:
        if bid >= ask:
            return None
        if ask - bid <= cap:
            return bid + ask
    return None if last is None else 2 * last


def spread_of(bid: int | None, ask: int | None) -> int:
    """Return the spread in micro-dollars; a side nobody offers is as far away as it can be."""
    return (DOLLAR2 // 2 if ask is None else ask) - (bid or 0)
