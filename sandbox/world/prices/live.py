"""What a socket needs of whoever makes the prices: which markets changed, and by what trades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sandbox.world.model import Market
from sandbox.world.prices.tape import Trade


class Change(NamedTuple):
    """A market whose book or tape changed.

    Attributes:
        at_us: when its last change happened (microseconds since 1970).
        trades: what was dealt since the change before, oldest first; empty: only offers moved.
    """

    market: Market
    at_us: int
    trades: Sequence[Trade]


class LivePrices(Protocol):
    """Prices that can be followed; `PriceSource` reads any moment, this one only goes on."""

    def follow(self, until_us: int) -> Sequence[Change]:
        """Go on to a time; return one change per market that changed since the last call, in
        order of `at_us`. The first call begins at its own `until_us` and returns nothing.
        """
