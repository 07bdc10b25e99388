"""From rows to answers, for single objects; lists are built in SQL and hold the same."""

from datetime import datetime

from app.api.schemas.details import EventHead, MarketDetail, PriceRangeOut
from app.api.schemas.events import EventOut
from app.api.schemas.markets import OutcomeOut, PriceFeedOut, QuoteOut
from app.api.schemas.series import SeriesOut
from app.domain.freshness import Feed, FeedWord, freshness, standing
from app.domain.odds import american_odds
from app.domain.types import Exchange, Price
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
    quote = view.quote
    fresh = freshness(quote.as_of if quote else None, view.feeds, now=now)
    built: dict[str, object] = {
        "outcomes": [OutcomeOut.model_validate(outcome) for outcome in market.outcomes],
        "quote": to_quote(quote) if quote else None,
        "as_of": fresh.as_of,
        "is_stale": fresh.is_stale,
        "feed": to_price_feed(market.exchange, view.feeds.ticks, now=now),
        "event": None if event.is_deleted else to_event(event),
        "series": None if event.series.is_deleted else to_series(event.series),
        "price_ranges": [PriceRangeOut.model_validate(step) for step in market.price_ranges],
    }
    stored = {
        name: getattr(market, name) for name in MarketDetail.model_fields if name not in built
    }
    return MarketDetail.model_validate(stored | built)


def to_price_feed(exchange: Exchange, ticks: Feed | None, *, now: datetime) -> PriceFeedOut | None:
    """Show how an exchange's prices arrive; None when they never did."""
    if ticks is None:
        return None
    current = standing(ticks, now=now)
    return PriceFeedOut(exchange=exchange, state=FeedWord(current.state), since=current.since)


def to_quote(quote: MarketQuote) -> QuoteOut:
    """Show a quote with American odds."""
    odds = {
        f"{side}_american": american_odds(None if price is None else Price(price))
        for side, price in (("last", quote.last), ("bid", quote.bid), ("ask", quote.ask))
    }
    stored = {name: getattr(quote, name) for name in QuoteOut.model_fields if name not in odds}
    return QuoteOut.model_validate(stored | odds)
