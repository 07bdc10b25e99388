"""Ticks: a market's prices at one moment as an exchange sends them, and their text as integers.

Text stays text until a number is needed; then prices become whole micro-dollars (0 to
1,000,000) and counts whole hundredths of a contract, both exact.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from app.domain.types import Contracts, Price, parse_decimal, to_price

MICROS = 1_000_000  # micro-dollars per dollar
CENTIS = 100  # hundredths of a contract per contract
_MAX_PRICES = 65_536  # texts remembered; the usual grids have at most 10,000
_MAX_CENTIS = 10**17  # what our NUMERIC columns hold
_MAX_DIGITS = 17  # of a count that is read without `Decimal`


class Tick(Protocol):
    """One frame of a market: prices of its first outcome, 0..1; an empty text = not said.

    Every frame is the whole state, so a later one replaces an earlier one. `ts_ms`:
    the exchange's own time, Unix milliseconds. `volume`: contracts since the market opened.
    """

    @property
    def market_ext_id(self) -> str: ...
    @property
    def ts_ms(self) -> int: ...
    @property
    def last(self) -> str: ...
    @property
    def bid(self) -> str: ...
    @property
    def ask(self) -> str: ...
    @property
    def bid_size(self) -> str: ...
    @property
    def ask_size(self) -> str: ...
    @property
    def volume(self) -> str: ...
    @property
    def open_interest(self) -> str: ...


PRICES: dict[str, int | None] = {"": None}  # every text read so far; see `to_micros`


def to_micros(text: str) -> int | None:
    """Return the micro-dollars of a price's text, None for an empty one; remembered in `PRICES`.

    Raises:
        ValueError: not a plain decimal in 0..1, or finer than a micro-dollar.
    """
    try:
        return PRICES[text]
    except KeyError:
        return _learn_price(text)


def _learn_price(text: str) -> int:
    micros = to_price(text) * MICROS
    if micros != int(micros):
        raise ValueError(f"price finer than a micro-dollar: {text[:40]!r}")
    if len(PRICES) >= _MAX_PRICES:
        PRICES.clear()
        PRICES[""] = None
    PRICES[text] = int(micros)
    return int(micros)


def to_centis(text: str) -> int:
    """Read a number of contracts as hundredths, the way exchanges write it first (`"12.50"`).

    Raises:
        ValueError: not a plain decimal, negative, finer than a hundredth, or above 1e15.
    """
    digits = text.replace(".", "", 1)
    if (
        digits.isdigit()
        and text[-3:-2] == "."
        and text.isascii()
        and 2 < len(digits) <= _MAX_DIGITS
    ):
        return int(digits)
    centis = parse_decimal(text) * CENTIS
    if not 0 <= centis < _MAX_CENTIS or centis != int(centis):
        raise ValueError(f"not a count of contracts: {text[:40]!r}")
    return int(centis)


def to_offer(price: str, size: str) -> tuple[int | None, int | None]:
    """Return a bid or ask in micro-dollars and its size in hundredths; neither when nobody offers.

    A price of 0 or 1, or a size of zero, is how exchanges write an empty side.

    Raises:
        ValueError: a text that is not a price or not a count.
    """
    micros = to_micros(price)
    centis = to_centis(size) if size else None
    if not micros or micros == MICROS or centis == 0:
        return None, None
    return micros, centis


@lru_cache(maxsize=_MAX_PRICES)
def micros_to_price(micros: int | None) -> Price | None:
    """Return micro-dollars as a price with six decimals."""
    return None if micros is None else Price(Decimal(micros).scaleb(-6))


def centis_to_contracts(centis: int | None) -> Contracts | None:
    """Return hundredths as contracts with two decimals."""
    return None if centis is None else Contracts(Decimal(centis).scaleb(-2))


@lru_cache(maxsize=_MAX_PRICES)
def micros_to_text(micros: int | None) -> str:
    """Return micro-dollars as decimal text with six decimals; empty for None."""
    return "" if micros is None else f"{micros // MICROS}.{micros % MICROS:06d}"


def centis_to_text(centis: int | None) -> str:
    """Return hundredths as decimal text with two decimals; empty for None."""
    if centis is None:
        return ""
    digits = str(centis).zfill(3)
    return f"{digits[:-2]}.{digits[-2:]}"
