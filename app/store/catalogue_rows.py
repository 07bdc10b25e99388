"""Catalogue rows as the tables hold them, with their fingerprints."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import xxhash

from app.domain.catalogue import Event, Market, PriceRange, Quote, Series
from app.domain.ids import event_id, market_id, outcome_id, series_id
from app.domain.lifecycle import status_at
from app.domain.types import MarketId
from app.store.merge import MergeTarget

_encode = msgspec.msgpack.Encoder().encode  # of the whole row: stable between processes
_NEWER = "(s.source_ts IS NULL OR t.source_ts IS NULL OR s.source_ts >= t.source_ts)"
_REVIVE = ", is_deleted = false, updated_at = now()"
_TOLD = "(t.lifecycle_ts IS NULL OR s.lifecycle_ts >= t.lifecycle_ts)"  # see `store.lifecycle`
_READING = timedelta(seconds=5)  # the two clocks may differ, and answers come from copies
_AT_ONCE: Mapping[str, datetime] = {}

SERIES = MergeTarget(
    "series",
    (
        "id",
        "exchange",
        "ext_id",
        "title",
        "category",
        "tags",
        "frequency",
        "fee_type",
        "fee_multiplier",
        "is_stub",
        "platform_metadata",
        "source_ts",
        "fingerprint",
    ),
    fixed=frozenset({"exchange", "ext_id"}),
    guard=f"{_NEWER} OR t.is_stub",
    touch=_REVIVE,
)
EVENTS = MergeTarget(
    "events",
    (
        "id",
        "exchange",
        "ext_id",
        "series_id",
        "title",
        "subtitle",
        "category",
        "is_mutually_exclusive",
        "strike_at",
        "is_stub",
        "platform_metadata",
        "source_ts",
        "fingerprint",
    ),
    fixed=frozenset({"exchange", "ext_id"}),
    guard=f"{_NEWER} OR t.is_stub",
    touch=_REVIVE,
)
MARKETS = MergeTarget(
    "markets",
    (
        "id",
        "exchange",
        "ext_id",
        "event_id",
        "market_type",
        "title",
        "status",
        "rules_primary",
        "rules_secondary",
        "open_at",
        "close_at",
        "expected_expiration_at",
        "latest_expiration_at",
        "listed_at",
        "settled_at",
        "result",
        "settlement_value",
        "can_close_early",
        "strike_type",
        "floor_strike",
        "cap_strike",
        "price_ranges",
        "is_combo",
        "is_provisional",
        "platform_metadata",
        "source_ts",
        "lifecycle_ts",
        "fingerprint",
    ),
    fixed=frozenset({"exchange", "ext_id", "listed_at"}),
    guard=f"{_NEWER} AND {_TOLD}",
    touch=_REVIVE,
)
OUTCOMES = MergeTarget(
    "market_outcomes",
    ("id", "market_id", "execution_asset_id", "position", "name", "is_winner"),
    guard=(
        "(t.position, t.name, t.is_winner, t.is_deleted)"
        " IS DISTINCT FROM (s.position, s.name, s.is_winner, false)"
        " AND EXISTS (SELECT FROM alpha.markets market"
        " WHERE market.id = t.market_id AND market.fingerprint <> 0)"  # 0: its row was refused
    ),
    touch=_REVIVE,
)
QUOTES = MergeTarget(
    "market_quotes",
    (
        "market_id",
        "last",
        "bid",
        "ask",
        "bid_size",
        "ask_size",
        "volume",
        "volume_24h",
        "open_interest",
        "previous",
        "previous_bid",
        "previous_ask",
        "as_of",
        "fingerprint",
    ),
    # A quote without fingerprint is a frame's, timed by the exchange's clock. It does not have
    # what a request alone knows, which is taken from an older request too.
    guard=(
        "s.as_of >= t.as_of"
        " + CASE WHEN t.fingerprint IS NULL THEN interval '2 seconds' ELSE interval '0' END"
    ),
    apart=("volume_24h", "previous", "previous_bid", "previous_ask"),
    apart_guard="t.fingerprint IS NULL",
)


def fingerprint(row: Series | Event | Market) -> int:
    """Return a signed 64-bit hash of everything the row says; equal rows, equal hash."""
    return xxhash.xxh3_64_intdigest(_encode(row)) - 2**63


def quote_fingerprint(quote: Quote) -> int:
    """Return a hash of a quote's market, prices and quantities, not of when it was read."""
    return xxhash.xxh3_64_intdigest(_encode((quote.market_ext_id, _quote_values(quote)))) - 2**63


def _quote_values(quote: Quote) -> tuple[Decimal | None, ...]:
    return (
        quote.last,
        quote.bid,
        quote.ask,
        quote.bid_size,
        quote.ask_size,
        quote.volume,
        quote.volume_24h,
        quote.open_interest,
        quote.previous,
        quote.previous_bid,
        quote.previous_ask,
    )


def series_row(series: Series, mark: int) -> tuple[object, ...]:
    """Return a series in the order of `SERIES.columns`; `mark` is its fingerprint."""
    return (
        series_id(series.exchange, series.ext_id),
        series.exchange,
        series.ext_id,
        series.title,
        series.category,
        series.tags,
        series.frequency,
        series.fee_type,
        series.fee_multiplier,
        series.is_stub,
        series.metadata,
        series.source_ts,
        mark,
    )


def event_row(event: Event, mark: int) -> tuple[object, ...]:
    """Return an event in the order of `EVENTS.columns`; `mark` is its fingerprint."""
    return (
        event_id(event.exchange, event.ext_id),
        event.exchange,
        event.ext_id,
        series_id(event.exchange, event.series_ext_id),
        event.title,
        event.subtitle,
        event.category,
        event.is_mutually_exclusive,
        event.strike_at,
        event.is_stub,
        event.metadata,
        event.source_ts,
        mark,
    )


def _price_range(step: PriceRange) -> dict[str, str]:
    return {"start": str(step.start), "end": str(step.end), "step": str(step.step)}


def market_row(
    market: Market, mark: int, *, now: datetime, read_at: Mapping[str, datetime] = _AT_ONCE
) -> tuple[object, ...]:
    """Return a market in the order of `MARKETS.columns`, its status as of `now`.

    Args:
        read_at: by `ext_id`, when the exchange was asked; announcements from after that
            outweigh the row. A market that is missing there was read `now`.
    """
    return (
        market_id(market.exchange, market.ext_id),
        market.exchange,
        market.ext_id,
        event_id(market.exchange, market.event_ext_id),
        market.market_type,
        market.title,
        status_at(market.status, open_at=market.open_at, close_at=market.close_at, now=now),
        market.rules_primary,
        market.rules_secondary,
        market.open_at,
        market.close_at,
        market.expected_expiration_at,
        market.latest_expiration_at,
        market.listed_at or now,
        market.settled_at,
        market.result,
        market.settlement_value,
        market.can_close_early,
        market.strike_type,
        market.floor_strike,
        market.cap_strike,
        [_price_range(step) for step in market.price_ranges],
        market.is_combo,
        market.is_provisional,
        market.metadata,
        market.source_ts,
        read_at.get(market.ext_id, now) - _READING,
        mark,
    )


def outcome_rows(market: Market) -> list[tuple[object, ...]]:
    """Return a market's outcomes in the order of `OUTCOMES.columns`."""
    key = market_id(market.exchange, market.ext_id)
    return [
        (
            outcome_id(key, outcome.execution_asset_id),
            key,
            outcome.execution_asset_id,
            position,
            outcome.name,
            outcome.is_winner,
        )
        for position, outcome in enumerate(market.outcomes)
    ]


def quote_row(quote: Quote, key: MarketId, mark: int) -> tuple[object, ...]:
    """Return a quote in the order of `QUOTES.columns`; `mark` is its fingerprint."""
    return (key, *_quote_values(quote), quote.as_of, mark)
