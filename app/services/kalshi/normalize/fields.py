"""Single fields of Kalshi's rows: prices, counts, numbers, times.

Every reader takes None (and an empty text) as "not given" and raises `ValueError`
for anything that is not what its name says; that costs the row.
"""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from app.domain.types import Contracts, Price, parse_decimal, to_price

_LARGEST = Decimal(10) ** 15  # what our NUMERIC columns hold
_FINEST_EXPONENT = -30  # Kalshi's strikes are doubles and look it: 0.14400000000000002
_UNSET_YEAR = 1  # Go sends 0001-01-01T00:00:00Z for a time nobody set


def read_price(dollars: str | None, cents: int | str | None = None) -> Price | None:
    """Read a price, 0..1.

    Args:
        dollars: decimal text, dollars per $1 contract; wins when both are given.
        cents: the older field: an int is whole cents, a text is dollars (historical candles).
    """
    if dollars:
        return _to_price(dollars)
    if cents is None or cents == "":
        return None
    if isinstance(cents, str):
        return _to_price(cents)
    if not 0 <= cents <= 100:
        raise ValueError(f"price outside 0..100 cents: {str(cents)[:40]}")
    return Price(Decimal(cents).scaleb(-2))


@lru_cache(maxsize=16_384)
def _to_price(text: str) -> Price:
    """Read a price; there are a thousand on the usual grids, and a sync reads a million."""
    return to_price(text)


def read_offer(dollars: str | None, cents: int | str | None = None) -> Price | None:
    """Read a bid or an ask; 0 and 1 mean that nobody offers, so None."""
    price = read_price(dollars, cents)
    return price if price is not None and 0 < price < 1 else None


def read_count(fixed: str | None, whole: int | str | None = None) -> Contracts | None:
    """Read a number of contracts, not negative.

    Args:
        fixed: decimal text (`*_fp`); wins when both are given.
        whole: the older field, an int, or decimal text in historical candles.
    """
    if fixed:
        count = parse_decimal(fixed)
    elif whole is None or whole == "":
        return None
    else:
        count = parse_decimal(whole) if isinstance(whole, str) else Decimal(whole)
    if not 0 <= count < _LARGEST:
        raise ValueError(f"count outside 0..1e15: {str(count)[:40]}")
    return Contracts(count)


def read_number(number: int | Decimal | None, *, below: Decimal = _LARGEST) -> Decimal | None:
    """Read a JSON number exactly; its size must be less than `below`, an exponent is fine."""
    if number is None:
        return None
    exact = Decimal(number)
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, str) or exponent < _FINEST_EXPONENT or abs(exact) >= below:
        raise ValueError(f"number out of range: {str(number)[:40]}")
    return exact


def read_time(text: str | None) -> datetime | None:
    """Read an RFC 3339 time as aware UTC; digits beyond microseconds are cut off.

    The year 1 is how Kalshi's servers write a time that was never set: None.
    """
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or len(text) < len("2026-01-01T00:00Z"):
        raise ValueError(f"not a time with a zone: {text[:40]!r}")
    if moment.year == _UNSET_YEAR:
        return None
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"time out of range: {text[:40]!r}") from error


def from_unix(seconds: int) -> datetime:
    """Read Unix seconds as aware UTC.

    Raises:
        ValueError: outside the years 1970 to 9999.
    """
    if not 0 <= seconds < 253_402_300_800:
        raise ValueError(f"not Unix seconds: {str(seconds)[:40]}")
    return datetime.fromtimestamp(seconds, UTC)
