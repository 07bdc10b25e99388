"""Words and units that every layer shares."""

import re
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NewType
from uuid import UUID

Price = NewType("Price", Decimal)  # probability of the outcome, 0..1, six decimals
Usd = NewType("Usd", Decimal)  # dollars
Contracts = NewType("Contracts", Decimal)  # contracts, two decimals on Kalshi

MarketId = NewType("MarketId", UUID)
EventId = NewType("EventId", UUID)
SeriesId = NewType("SeriesId", UUID)
OutcomeId = NewType("OutcomeId", UUID)

_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,12})?")


class Exchange(StrEnum):
    """An exchange whose markets we keep."""

    KALSHI = "kalshi"
    POLYMARKET = "polymarket"


class MarketStatus(StrEnum):
    """Where a market is in its life, in our words."""

    UPCOMING = "upcoming"  # listed, not open yet
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"  # no more trading, no result yet
    DETERMINED = "determined"  # result known, not paid
    DISPUTED = "disputed"  # result challenged
    SETTLED = "settled"  # paid out, final
    UNKNOWN = "unknown"  # the exchange used a word we do not know


FINAL_STATUSES = frozenset({MarketStatus.SETTLED})


class MarketType(StrEnum):
    """How a market pays."""

    BINARY = "binary"  # one dollar or nothing
    SCALAR = "scalar"  # anything between
    CATEGORICAL = "categorical"  # named outcomes, one wins
    UNKNOWN = "unknown"


def parse_decimal(text: str) -> Decimal:
    """Read a plain decimal number; the one door for numbers from outside.

    Accepts at most 18 digits before and 12 after the point; refuses NaN,
    infinities, exponents, underscores, blanks and other scripts' digits.

    Raises:
        ValueError: the text is anything else.
    """
    if not text.isascii() or _DECIMAL.fullmatch(text) is None:
        raise ValueError(f"not a plain decimal number: {text[:40]!r}")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"not a decimal number: {text[:40]!r}") from error


def to_price(text: str) -> Price:
    """Read a probability given as decimal text.

    Raises:
        ValueError: not a plain number, or outside 0..1.
    """
    price = parse_decimal(text)
    if not 0 <= price <= 1:
        raise ValueError(f"price outside 0..1: {text[:40]!r}")
    return Price(price)
