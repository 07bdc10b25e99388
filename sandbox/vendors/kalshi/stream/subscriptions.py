"""What a client has asked for on one connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.world.noise import uuid_of

TICKER, TRADE, BOOK = "ticker", "trade", "orderbook_delta"
LIFECYCLE, COMBO_LIFECYCLE = "market_lifecycle_v2", "multivariate_market_lifecycle"
COMMUNICATIONS, PYTH = "communications", "pyth_value"
INDEXES = frozenset({"cfbenchmarks_value", "cfbenchmarks_value_5hz"})
BY_MARKET = frozenset({TICKER, TRADE, BOOK, "fill", "market_positions", "user_orders"})
CHANNELS = (
    BY_MARKET
    | INDEXES
    | {
        LIFECYCLE,
        COMBO_LIFECYCLE,
        COMMUNICATIONS,
        PYTH,
        "order_group_updates",
    }
)
SEQUENCED = frozenset({TRADE, BOOK, LIFECYCLE, COMBO_LIFECYCLE})


def market_id_of(ticker: str) -> str:
    """Return the UUID of a market."""
    return uuid_of("market", ticker)


@dataclass(slots=True)
class Subscription:
    """One subscription; `tickers` None means all markets.

    `seq` counts its replies, and its messages where they carry a number. `held` is a
    message the fault `ws_reorder` sends after its successor.
    """

    sid: int
    channel: str
    tickers: set[str] | None = None
    by_id: bool = False
    yes_price: bool = False
    quiet_acks: bool = False
    items: list[str] = field(default_factory=list)  # index ids or underlyings
    seq: int = 0
    held: bytes | None = None
    commands: int = 0  # in the second `commands_s`
    commands_s: int = 0

    @property
    def is_sequenced(self) -> bool:
        """Whether its messages carry a number."""
        return self.channel in SEQUENCED

    def next_seq(self) -> int:
        """Return the number of the next message."""
        self.seq += 1
        return self.seq

    def wants(self, ticker: str) -> bool:
        """Say whether a market's messages are asked for."""
        return self.tickers is None or ticker in self.tickers
