"""Domain objects with sensible defaults; a test names only the fields it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.catalogue import Event, Market, Outcome, PriceRange, Quote, Series
from app.domain.types import Contracts, Exchange, MarketStatus, MarketType, Price

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)

_EVENT = "KXNBAGAME-26NOV22LALBOS"


def make_series(**fields: Any) -> Series:
    """Make a series; any field can be given."""
    series = Series(Exchange.KALSHI, "KXNBAGAME", "Pro Basketball Game", "Sports", ("Basketball",))
    return replace(series, **fields)


def make_event(**fields: Any) -> Event:
    """Make an event; any field can be given."""
    event = Event(
        Exchange.KALSHI, _EVENT, "KXNBAGAME", "Lakers at Boston", "Nov 22", "Sports", True
    )
    return replace(event, **fields)


def make_market(**fields: Any) -> Market:
    """Make an open binary market; any field can be given."""
    market = Market(
        exchange=Exchange.KALSHI,
        ext_id=f"{_EVENT}-LAL",
        event_ext_id=_EVENT,
        market_type=MarketType.BINARY,
        title="Lakers at Boston Winner?",
        status=MarketStatus.OPEN,
        outcomes=(Outcome("yes", "Lakers"), Outcome("no", "Lakers")),
        open_at=NOW - timedelta(days=2),
        close_at=NOW + timedelta(days=1),
        listed_at=NOW - timedelta(days=3),
        price_ranges=(PriceRange(Decimal(0), Decimal(1), Decimal("0.01")),),
        metadata={"status": "active"},
        source_ts=NOW - timedelta(days=2),
    )
    return replace(market, **fields)


def make_quote(**fields: Any) -> Quote:
    """Make a two-sided quote around 0.45; any field can be given."""
    quote = Quote(
        exchange=Exchange.KALSHI,
        market_ext_id=f"{_EVENT}-LAL",
        as_of=NOW,
        last=Price(Decimal("0.45")),
        bid=Price(Decimal("0.44")),
        ask=Price(Decimal("0.46")),
        bid_size=Contracts(Decimal("100.00")),
        ask_size=Contracts(Decimal("20.50")),
        volume=Contracts(Decimal("1234.56")),
        volume_24h=Contracts(Decimal("234.56")),
        open_interest=Contracts(Decimal(900)),
        previous=Price(Decimal("0.40")),
    )
    return replace(quote, **fields)
