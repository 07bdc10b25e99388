"""From rows to answers, for single objects; lists are built in SQL and hold the same."""

from datetime import datetime

from app.api.schemas.details import EventHead, MarketDetail, PriceRangeOut
from app.api.schemas.events import EventOut
from app.api.schemas.markets import OutcomeOut, QuoteOut
from app.api.schemas.series import SeriesOut
from app.domain.freshness import is_stale, true_at
from app.domain.odds import american_odds
from app.domain.types import Price
from app.models.db import Event, MarketQuote, Series
from app.repositories.markets import MarketView


def to_series(series: Series) -> SeriesOut:
    """Show a series."""
    return SeriesOut.model_validate(series)


def to_event(event: Event) -> EventOut:
    """Show an event; its series must be loaded."""
    return EventOut.model_validate(_event_fields(event))


def to_event_head(event: Event) -> EventHead:
    """Show an event with its series."""
    series = None if event.series.is_deleted else to_series(event.series)
    return EventHead.model_validate({**_event_fields(event), "series": series})


def _event_fields(event: Event) -> dict[str, object]:
    return {
        **{name: getattr(event, name) for name in EventOut.model_fields},
        "category": event.series.category if event.category is None else event.category,
    }


def to_market_detail(view: MarketView, *, now: datetime) -> MarketDetail:
    """Show a market with its event and series; those that are deleted are left out."""
    market, event = view.market, view.market.event
    quote, feed = view.quote, view.feed
    as_of = true_at(quote.as_of if quote else None, feed.as_of if feed else None)
    built: dict[str, object] = {
        "outcomes": [OutcomeOut.model_validate(outcome) for outcome in market.outcomes],
        "quote": to_quote(quote) if quote else None,
        "as_of": as_of,
        "is_stale": is_stale(as_of, feed.state if feed else None, now=now),
        "event": None if event.is_deleted else to_event(event),
        "series": None if event.series.is_deleted else to_series(event.series),
        "price_ranges": [PriceRangeOut.model_validate(step) for step in market.price_ranges],
    }
    stored = {
        name: getattr(market, name) for name in MarketDetail.model_fields if name not in built
    }
    return MarketDetail.model_validate(stored | built)


def to_quote(quote: MarketQuote) -> QuoteOut:
    """Show a quote with American odds."""
    odds = {
        f"{side}_american": american_odds(None if price is None else Price(price))
        for side, price in (("last", quote.last), ("bid", quote.bid), ("ask", quote.ask))
    }
    stored = {name: getattr(quote, name) for name in QuoteOut.model_fields if name not in odds}
    return QuoteOut.model_validate(stored | odds)
