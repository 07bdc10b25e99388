"""Handlers for series, events and markets."""

from __future__ import annotations

import orjson

from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.errors import bad_request, not_found
from sandbox.vendors.kalshi.filters import (
    MarketQuery,
    read_event_query,
    read_market_query,
    read_mve,
)
from sandbox.vendors.kalshi.formats import count_text
from sandbox.vendors.kalshi.listings import EventListing, MarketListing
from sandbox.vendors.kalshi.milestones import milestones_of
from sandbox.vendors.kalshi.render import (
    list_body,
    live_markets,
    series_row,
    served_event,
    served_market,
    served_markets,
)
from sandbox.vendors.kalshi.reply import Reply
from sandbox.vendors.kalshi.serialise import series_updated_us
from sandbox.world.model import Event

_EVENTS_TOP, _MARKETS_TOP = 200, 1_000


def _volumes(ctx: Context, only: str = "") -> dict[str, str]:
    """Return the volume of every series, or of one."""
    totals: dict[str, int] = dict.fromkeys(ctx.world.series, 0)
    for event in ctx.world.events.values():
        ticker = event.series.ticker
        if ticker == only or not only:
            for market in event.markets:
                totals[ticker] += ctx.prices.snapshot(market, ctx.world.now_us).volume
    return {ticker: count_text(total) for ticker, total in totals.items()}


def list_series(ctx: Context, ask: Ask) -> Reply:
    """GET /series: everything at once, no pages."""
    category, tags = ask.text("category"), set(ask.texts("tags"))
    least = ask.moment("min_updated_ts")
    metadata = ask.flag("include_product_metadata")
    volumes = _volumes(ctx) if ask.flag("include_volume") else {}
    rows = []
    for series in ctx.world.series.values():
        if category and series.category != category:
            continue
        if tags and not tags & set(series.tags or ()):
            continue
        if least is not None and series_updated_us(series, ctx.world.now_us) <= least:
            continue
        if not ctx.spoiler.is_dropped("series", series.ticker):
            volume = volumes.get(series.ticker)
            row = series_row(ctx, series, metadata=metadata, volume=volume)
            rows.append(ctx.spoiler.encode(row))
    return Reply(list_body("series", rows, None, is_sent=False))


def get_series(ctx: Context, ask: Ask) -> Reply:
    """GET /series/{ticker}."""
    series = ctx.world.series.get(ask.path["ticker"])
    if series is None or ctx.spoiler.is_vanished("series", series.ticker):
        raise not_found(flat=True)
    wanted = ask.flag("include_volume")
    volumes = _volumes(ctx, series.ticker) if wanted else {}
    row = series_row(ctx, series, metadata=True, volume=volumes.get(series.ticker))
    return Reply(b'{"series":%s}' % ctx.spoiler.encode(row))


def _event_page(ctx: Context, ask: Ask, listing: EventListing, default: int) -> Reply:
    nested = ask.flag("with_nested_markets")
    page = ctx.pager.page(ask, listing, ask.limit(default, _EVENTS_TOP))
    kept = [event for event in page.items if not ctx.spoiler.is_dropped("events", event.ticker)]
    rows = [served_event(ctx, event, nested=nested) for event in kept]
    body = list_body("events", rows, page.cursor, is_sent=page.is_sent)
    if ask.flag("with_milestones"):
        extra = orjson.dumps(milestones_of(kept, ctx.world.now_us))
        body = body[:-1] + b',"milestones":%s}' % extra
    return Reply(body)


def list_events(ctx: Context, ask: Ask) -> Reply:
    """GET /events: everything but combos."""
    return _event_page(ctx, ask, EventListing(ctx.world, read_event_query(ask)), _EVENTS_TOP)


def list_multivariate_events(ctx: Context, ask: Ask) -> Reply:
    """GET /events/multivariate: combos only."""
    collection = ask.text("collection_ticker")
    if collection and ask.has("series_ticker"):
        raise bad_request("collection_ticker cannot be combined with series_ticker")
    listing = EventListing(
        ctx.world, read_event_query(ask), multivariate=True, collection=collection
    )
    return _event_page(ctx, ask, listing, 100)


def get_event(ctx: Context, ask: Ask) -> Reply:
    """GET /events/{ticker}: markets inside, beside (deprecated) or not at all."""
    nested, bare = ask.flag("with_nested_markets"), ask.flag("exclude_markets")
    if nested and bare:
        raise bad_request("exclude_markets cannot be combined with with_nested_markets")
    event: Event | None = ctx.world.events.get(ask.path["ticker"])
    if event is None or ctx.spoiler.is_vanished("events", event.ticker):
        raise not_found()
    row = served_event(ctx, event, nested=nested)
    beside: list[bytes] = []
    if not nested and not bare:
        beside = served_markets(ctx, live_markets(ctx, event))
    return Reply(b'{"event":%s,"markets":[%s]}' % (row, b",".join(beside)))


def list_markets(ctx: Context, ask: Ask) -> Reply:
    """GET /markets."""
    return _market_page(ctx, ask, MarketListing(ctx.world, read_market_query(ask)))


def list_historical_markets(ctx: Context, ask: Ask) -> Reply:
    """GET /historical/markets: what settled before the cutoff."""
    named = [name for name in ("tickers", "event_ticker", "series_ticker") if ask.has(name)]
    if len(named) > 1:
        raise bad_request("filters are mutually exclusive", flat=True)
    query = MarketQuery(
        event_ticker=ask.text("event_ticker"),
        series_ticker=ask.text("series_ticker"),
        tickers=frozenset(ask.texts("tickers")),
        mve=read_mve(ask, ("", "exclude")),
    )
    return _market_page(ctx, ask, MarketListing(ctx.world, query, historical=True))


def _market_page(ctx: Context, ask: Ask, listing: MarketListing) -> Reply:
    page = ctx.pager.page(ask, listing, ask.limit(100, _MARKETS_TOP))
    rows = served_markets(ctx, page.items)
    return Reply(list_body("markets", rows, page.cursor, is_sent=page.is_sent))


def get_market(ctx: Context, ask: Ask) -> Reply:
    """GET /markets/{ticker}."""
    return _single_market(ctx, ask, live=True)


def get_historical_market(ctx: Context, ask: Ask) -> Reply:
    """GET /historical/markets/{ticker}."""
    return _single_market(ctx, ask, live=False)


def _single_market(ctx: Context, ask: Ask, *, live: bool) -> Reply:
    market = ctx.world.markets.get(ask.path["ticker"])
    state = ctx.world.state(market) if market else None
    if market is None or state is None or ctx.world.is_live(state) != live:
        raise not_found(flat=not live)
    if ctx.spoiler.is_vanished("markets", market.ticker):
        raise not_found()
    return Reply(b'{"market":%s}' % served_market(ctx, market, state))
