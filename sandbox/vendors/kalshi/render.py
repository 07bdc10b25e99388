"""Turns things of the world into rows, older versions of them when a fault asks for that."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from sandbox.faults.rows import Row
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.serialise import event_fields, market_fields, series_fields
from sandbox.world.model import Event, Market, Series, State


def market_row(ctx: Context, market: Market, state: State, now_us: int) -> Row:
    """Return the true row of a market."""
    fields = market_fields(market, state, ctx.prices.snapshot(market, now_us))
    return Row("markets", market.ticker, fields)


def served_market(ctx: Context, market: Market, state: State) -> bytes:
    """Return a market's JSON as it goes out."""
    now_us = ctx.world.now_us
    if ctx.faults.hits("stale_rows", "markets", market.ticker):
        older = market.life.before(now_us)
        if older is not None:
            ctx.stats.note_altered("markets", market.ticker, "stale_rows")
            state, now_us = older, max(state.updated_us - 1, market.created_us)
    return ctx.spoiler.encode(market_row(ctx, market, state, now_us))


def served_markets(ctx: Context, markets: Iterable[tuple[Market, State]]) -> list[bytes]:
    """Return the JSON of listed markets, without those a fault leaves out."""
    return [
        served_market(ctx, market, state)
        for market, state in markets
        if not ctx.spoiler.is_dropped("markets", market.ticker)
    ]


def live_markets(ctx: Context, event: Event) -> list[tuple[Market, State]]:
    """Return an event's markets that are listed, not removed and not historical."""
    found = []
    for market in event.markets:
        state = ctx.world.state(market)
        if state is not None and ctx.world.is_live(state):
            found.append((market, state))
    return found


def served_event(ctx: Context, event: Event, *, nested: bool) -> bytes:
    """Return an event's JSON as it goes out."""
    markets: list[object] | None = None
    if nested:
        rows = served_markets(ctx, live_markets(ctx, event))
        markets = [orjson.Fragment(row) for row in rows]
    return ctx.spoiler.encode(event_row(ctx, event, markets))


def event_row(ctx: Context, event: Event, markets: list[object] | None = None) -> Row:
    """Return the row of an event."""
    return Row("events", event.ticker, event_fields(event, ctx.world.now_us, markets))


def series_row(ctx: Context, series: Series, *, metadata: bool, volume: str | None = None) -> Row:
    """Return the row of a series."""
    fields = series_fields(series, ctx.world.now_us, metadata=metadata)
    if volume is not None:
        fields["volume_fp"] = volume
    return Row("series", series.ticker, fields)


def list_body(name: str, rows: list[bytes], cursor: str | None, *, is_sent: bool = True) -> bytes:
    """Return `{name: [rows], "cursor": ...}` from finished rows."""
    tail = b',"cursor":' + orjson.dumps(cursor) if is_sent else b""
    return b'{"%s":[%s]%s}' % (name.encode(), b",".join(rows), tail)
