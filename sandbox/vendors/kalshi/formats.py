"""How Kalshi writes times, money and counts."""

from functools import lru_cache

from sandbox.world.eastern import from_us
from sandbox.world.units import DOLLAR, SECOND


@lru_cache(maxsize=65_536)
def _second_text(seconds: int) -> str:
    return from_us(seconds * SECOND).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_text(at_us: int) -> str:
    """Return RFC 3339 in UTC with 0 to 6 fraction digits, trailing zeros dropped."""
    seconds, micros = divmod(at_us, SECOND)
    if micros:
        return f"{_second_text(seconds)[:-1]}.{micros:06d}".rstrip("0") + "Z"
    return _second_text(seconds)


@lru_cache(maxsize=16_384)
def dollars(price: int) -> str:
    """Return a price as a dollar string with four decimals."""
    return f"{price // DOLLAR}.{price % DOLLAR:04d}"


def count_text(count: int) -> str:
    """Return contracts with two decimals."""
    return f"{count // 100}.{count % 100:02d}"
