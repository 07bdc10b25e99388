"""The prices in a market row as a quote."""

from collections.abc import Mapping
from datetime import datetime

from app.domain.catalogue import Quote
from app.domain.types import Contracts, Exchange, Price
from app.models.kalshi import KalshiMarket
from app.services.kalshi.normalize.fields import read_count, read_offer, read_price

# Fields of a market row that live in its quote; they change with every trade.
QUOTE_FIELDS = frozenset(
    f"{name}{suffix}"
    for name, suffixes in {
        "yes_bid": ("", "_dollars", "_size_fp"),
        "yes_ask": ("", "_dollars", "_size_fp"),
        "no_bid": ("", "_dollars"),
        "no_ask": ("", "_dollars"),
        "last_price": ("", "_dollars"),
        "previous_price": ("", "_dollars"),
        "previous_yes_bid": ("", "_dollars"),
        "previous_yes_ask": ("", "_dollars"),
        "volume": ("", "_fp"),
        "volume_24h": ("", "_fp"),
        "open_interest": ("", "_fp"),
    }.items()
    for suffix in suffixes
)


def to_quote(wire: KalshiMarket, *, as_of: datetime) -> Quote:
    """Translate the prices of a market row; they are those of YES.

    An empty side (no size, or a price of 0 or 1) and the last price of a market that
    never traded are None.

    Args:
        as_of: when the row was fetched; the row's own times do not follow prices.

    Raises:
        ValueError: a price outside 0..1, a negative count, or text that is no plain number.
    """
    volume = read_count(wire.volume_fp, wire.volume)
    bid, bid_size = _side(wire.yes_bid_dollars, wire.yes_bid, wire.yes_bid_size_fp)
    ask, ask_size = _side(wire.yes_ask_dollars, wire.yes_ask, wire.yes_ask_size_fp)
    return Quote(
        exchange=Exchange.KALSHI,
        market_ext_id=wire.ticker,
        as_of=as_of,
        last=_last(read_price(wire.last_price_dollars, wire.last_price), volume),
        bid=bid,
        ask=ask,
        bid_size=bid_size,
        ask_size=ask_size,
        volume=volume,
        volume_24h=read_count(wire.volume_24h_fp, wire.volume_24h),
        open_interest=read_count(wire.open_interest_fp, wire.open_interest),
        previous=read_price(wire.previous_price_dollars, wire.previous_price) or None,
        previous_bid=read_offer(wire.previous_yes_bid_dollars, wire.previous_yes_bid),
        previous_ask=read_offer(wire.previous_yes_ask_dollars, wire.previous_yes_ask),
    )


def _side(
    dollars: str | None, cents: int | None, size: str | None
) -> tuple[Price | None, Contracts | None]:
    """Read one side: price and size, or neither. Payloads of early 2026 have no size."""
    price, contracts = read_offer(dollars, cents), read_count(size)
    if price is None or contracts == 0:
        return None, None
    return price, contracts


def _last(price: Price | None, volume: Contracts | None) -> Price | None:
    return None if price == 0 and not volume else price


def no_side_mismatch(wire: KalshiMarket) -> Mapping[str, object]:
    """Return NO prices that are not one minus YES's; none were ever recorded.

    Raises:
        ValueError: a price outside 0..1.
    """
    found: dict[str, object] = {}
    for name, no_price, yes_price in (
        ("no_bid", (wire.no_bid_dollars, wire.no_bid), (wire.yes_ask_dollars, wire.yes_ask)),
        ("no_ask", (wire.no_ask_dollars, wire.no_ask), (wire.yes_bid_dollars, wire.yes_bid)),
    ):
        no, yes = read_price(*no_price), read_price(*yes_price)
        if no is not None and yes is not None and no + yes != 1:
            found[name] = str(no)
    return found
