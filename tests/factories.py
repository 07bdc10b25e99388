"""Catalogue rows with sensible defaults; a test names only the fields it is about.

`make_*` return ORM objects. Parents are made when none is given, and are saved
with their child: `session.add(make_market(title="Rain?"))`.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from app.domain import ids
from app.domain.types import Exchange, MarketStatus, MarketType
from app.models.db import CronRun, Event, FeedState, Market, MarketOutcome, MarketQuote, Series

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_numbers = count(1)


def _ext_id(prefix: str, given: str | None) -> str:
    return given or f"{prefix}-{next(_numbers)}"


def make_series(
    *, exchange: Exchange = Exchange.KALSHI, ext_id: str | None = None, **fields: Any
) -> Series:
    """Make a series without a parent."""
    name = _ext_id("KXSERIES", ext_id)
    defaults = {"title": "Professional Basketball Game", "category": "Sports", "fingerprint": 0}
    return Series(
        id=ids.series_id(exchange, name), exchange=exchange, ext_id=name, **(defaults | fields)
    )


def make_event(
    *,
    exchange: Exchange = Exchange.KALSHI,
    ext_id: str | None = None,
    series: Series | None = None,
    **fields: Any,
) -> Event:
    """Make an event, of a new series unless one is given."""
    name = _ext_id("KXEVENT", ext_id)
    defaults = {"title": "Lakers at Celtics", "fingerprint": 0}
    return Event(
        id=ids.event_id(exchange, name),
        exchange=exchange,
        ext_id=name,
        series=series or make_series(exchange=exchange),
        **(defaults | fields),
    )


def make_outcomes(market_ext_id: str, exchange: Exchange) -> list[MarketOutcome]:
    """Make the two sides of a binary market, yes first."""
    market = ids.market_id(exchange, market_ext_id)
    return [
        MarketOutcome(
            id=ids.outcome_id(market, side),
            execution_asset_id=side,
            position=position,
            name=side.title(),
        )
        for position, side in enumerate(("yes", "no"))
    ]


def make_market(
    *,
    exchange: Exchange = Exchange.KALSHI,
    ext_id: str | None = None,
    event: Event | None = None,
    outcomes: list[MarketOutcome] | None = None,
    **fields: Any,
) -> Market:
    """Make an open binary market with its two sides, of a new event unless one is given."""
    name = _ext_id("KXMARKET", ext_id)
    defaults = {
        "title": "Will the Celtics win?",
        "market_type": MarketType.BINARY,
        "status": MarketStatus.OPEN,
        "listed_at": NOW,
        "fingerprint": 0,
    }
    return Market(
        id=ids.market_id(exchange, name),
        exchange=exchange,
        ext_id=name,
        event=event or make_event(exchange=exchange),
        outcomes=make_outcomes(name, exchange) if outcomes is None else outcomes,
        **(defaults | fields),
    )


def make_quote(market: Market, **fields: Any) -> MarketQuote:
    """Make the quote of a market; every price is None unless given."""
    return MarketQuote(market_id=market.id, **({"as_of": NOW} | fields))


def make_feed_state(**fields: Any) -> FeedState:
    """Make the state of Kalshi's catalogue feed: live and true now."""
    defaults = {"feed": "kalshi.catalogue", "state": "live", "since": NOW, "as_of": NOW}
    return FeedState(**(defaults | fields))


def make_run(**fields: Any) -> CronRun:
    """Make a full sync that ended well just now."""
    defaults = {
        "name": "kalshi_full_sync",
        "scheduled_for": NOW,
        "started_at": NOW,
        "finished_at": NOW,
        "outcome": "done",
    }
    return CronRun(**(defaults | fields))
