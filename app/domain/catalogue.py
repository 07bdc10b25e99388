"""The catalogue's nouns in our words: series, events, markets, outcomes, and their quotes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.domain.types import Contracts, Exchange, MarketStatus, MarketType, Price

Metadata = Mapping[str, object]  # JSON the exchange sent and no column holds


@dataclass(frozen=True, slots=True)
class Series:
    """A recurring family of events (`KXNBAGAME`); `source_ts` None = the exchange gave none."""

    exchange: Exchange
    ext_id: str
    title: str
    category: str | None = None
    tags: tuple[str, ...] = ()
    frequency: str | None = None
    fee_type: str | None = None
    fee_multiplier: Decimal | None = None
    metadata: Metadata = field(default_factory=dict)
    source_ts: datetime | None = None
    is_stub: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that gets decided; its markets are the questions about it."""

    exchange: Exchange
    ext_id: str
    series_ext_id: str
    title: str
    subtitle: str | None = None
    category: str | None = None
    is_mutually_exclusive: bool = False
    strike_at: datetime | None = None
    metadata: Metadata = field(default_factory=dict)
    source_ts: datetime | None = None
    is_stub: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One tradeable side of a market, in the exchange's order (the first one has the prices)."""

    execution_asset_id: str  # Kalshi "yes"/"no", Polymarket token id
    name: str
    is_winner: bool | None = None  # None until decided


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Prices from `start` to `end` (dollars) move in steps of `step`."""

    start: Decimal
    end: Decimal
    step: Decimal


@dataclass(frozen=True, slots=True)
class Market:
    """One contract. `source_ts` orders versions of the same row: older ones are refused."""

    exchange: Exchange
    ext_id: str
    event_ext_id: str
    market_type: MarketType
    title: str
    status: MarketStatus
    outcomes: tuple[Outcome, ...]
    rules_primary: str | None = None
    rules_secondary: str | None = None
    open_at: datetime | None = None
    close_at: datetime | None = None
    expected_expiration_at: datetime | None = None
    latest_expiration_at: datetime | None = None
    listed_at: datetime | None = None
    settled_at: datetime | None = None
    result: str | None = None
    settlement_value: Price | None = None  # what the first outcome paid, 0..1
    can_close_early: bool = False
    strike_type: str | None = None
    floor_strike: Decimal | None = None
    cap_strike: Decimal | None = None
    price_ranges: tuple[PriceRange, ...] = ()
    is_combo: bool = False
    is_provisional: bool = False
    metadata: Metadata = field(default_factory=dict)
    source_ts: datetime | None = None
    series_ext_id: str | None = None  # of the event, for the case that we do not know it yet


@dataclass(frozen=True, slots=True)
class Quote:
    """Prices of a market's first outcome; None = no quote, never 0 or 1 in its place.

    `volume`, `volume_24h`, `open_interest` count contracts; `previous_*` are a day old.
    """

    exchange: Exchange
    market_ext_id: str
    as_of: datetime
    last: Price | None = None
    bid: Price | None = None
    ask: Price | None = None
    bid_size: Contracts | None = None
    ask_size: Contracts | None = None
    volume: Contracts | None = None
    volume_24h: Contracts | None = None
    open_interest: Contracts | None = None
    previous: Price | None = None
    previous_bid: Price | None = None
    previous_ask: Price | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """One row a vendor sent that we could not read; it costs nothing but itself.

    Attributes:
        kind: what it should have been (`market`, `event`, `series`).
        ext_id: its id when that much could be read.
        reason: why, in one line.
        raw: the row as JSON text, at most a few kB.
    """

    source: str
    kind: str
    ext_id: str | None
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """One answer of an exchange, translated; rows in the exchange's order."""

    series: Sequence[Series] = ()
    events: Sequence[Event] = ()
    markets: Sequence[Market] = ()
    quotes: Sequence[Quote] = ()
    rejects: Sequence[Reject] = ()


def join_pages(pages: Sequence[CataloguePage]) -> CataloguePage:
    """Put the rows of several pages into one, in order."""
    return CataloguePage(
        series=[row for page in pages for row in page.series],
        events=[row for page in pages for row in page.events],
        markets=[row for page in pages for row in page.markets],
        quotes=[row for page in pages for row in page.quotes],
        rejects=[row for page in pages for row in page.rejects],
    )
