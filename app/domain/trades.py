"""Public trades: what was dealt, without names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.catalogue import Reject
from app.domain.types import Contracts, Exchange, Price, Usd


class TakerSide(StrEnum):
    """Which outcome the one who took the offer ends up holding."""

    FIRST = "first"  # bought the first outcome or sold the second
    SECOND = "second"  # bought the second outcome or sold the first


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """One trade of a market.

    Attributes:
        price: price of the first outcome, 0..1.
        contracts: contracts dealt, may be a fraction.
        taker: None = the exchange did not say.
        is_block: negotiated away from the book, so it says little about the price there.
    """

    exchange: Exchange
    ext_id: str
    market_ext_id: str
    price: Price
    contracts: Contracts
    traded_at: datetime
    taker: TakerSide | None = None
    is_block: bool = False

    @property
    def cost_usd(self) -> Usd:
        """What the taker paid; when nobody knows who took, the dearer of both sides."""
        first, second = self.price * self.contracts, (1 - self.price) * self.contracts
        if self.taker is None:
            return Usd(max(first, second))
        return Usd(first if self.taker is TakerSide.FIRST else second)


@dataclass(frozen=True, slots=True)
class TradePage:
    """Trades in the exchange's order (newest first on Kalshi), and rows that could not be read."""

    trades: Sequence[PublicTrade] = ()
    rejects: Sequence[Reject] = ()
