"""Kalshi's routes, one line each."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors.kalshi import candles, catalogue, exchange, trading
from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.errors import not_found
from sandbox.vendors.kalshi.limits import PREFIX
from sandbox.vendors.kalshi.recorded import empty
from sandbox.vendors.kalshi.reply import Reply
from sandbox.vendors.kalshi.stream.service import StreamService
from sandbox.vendors.kalshi.wire import Handler, Wire

Table = tuple[tuple[str, Handler], ...]

# longer paths before `{ticker}` ones
EXCHANGE: Table = (
    ("/exchange/status", exchange.get_status),
    ("/exchange/schedule", exchange.get_schedule),
    ("/historical/cutoff", exchange.get_cutoff),
    ("/account/endpoint_costs", exchange.get_costs),
)
PRIVATE: Table = (
    ("/account/limits", exchange.get_limits),
    ("/portfolio/balance", exchange.get_balance),
)
DATA: Table = (
    ("/series", catalogue.list_series),
    ("/series/{ticker}", catalogue.get_series),
    ("/series/{series}/markets/{ticker}/candlesticks", candles.get_market_candles),
    ("/series/{series}/events/{ticker}/candlesticks", candles.get_event_candles),
    ("/events", catalogue.list_events),
    ("/events/multivariate", catalogue.list_multivariate_events),
    ("/events/{ticker}", catalogue.get_event),
    ("/markets", catalogue.list_markets),
    ("/markets/orderbooks", trading.list_orderbooks),
    ("/markets/trades", trading.list_trades),
    ("/markets/candlesticks", candles.list_candles),
    ("/markets/{ticker}", catalogue.get_market),
    ("/markets/{ticker}/orderbook", trading.get_orderbook),
    ("/historical/markets", catalogue.list_historical_markets),
    ("/historical/markets/{ticker}", catalogue.get_historical_market),
)


def _unknown(ctx: Context, ask: Ask) -> Reply:
    raise not_found()


def world_table() -> Table:
    """Return the routes in front of the world."""
    return (*EXCHANGE, *DATA, ("/{path:path}", _unknown))


def recorded_table(recorded: dict[str, Handler]) -> Table:
    """Return the routes in front of recordings: the usual ones, looked up by full path."""

    def look_up(ctx: Context, ask: Ask) -> Reply:
        handler = recorded.get(ask.target)
        return handler(ctx, ask) if handler else empty(ask.target)

    exchange_routes = tuple((path, recorded.get(path, handler)) for path, handler in EXCHANGE)
    data = tuple((path, look_up) for path, _ in DATA)
    return (*exchange_routes, *data, ("/{path:path}", look_up))


def replayed(table: Table, stream: StreamService) -> Table:
    """Return the routes with a replay of frames in front of all data while there is one."""

    def switch(path: str, handler: Handler) -> Handler:
        def answer(ctx: Context, ask: Ask) -> Reply:
            rest = stream.rest
            return handler(ctx, ask) if rest is None else rest.answer(ctx, ask, path)

        return answer

    kept = {path for path, _ in EXCHANGE}
    return tuple((path, h if path in kept else switch(path, h)) for path, h in table)


def build_routes(wire: Wire, table: Table) -> list[BaseRoute]:
    """Return the routes under the API's prefix, the private ones first."""
    named = [(path, handler, True) for path, handler in PRIVATE]
    named += [(path, handler, False) for path, handler in table]
    return [
        Route(
            PREFIX + path,
            wire.endpoint(f"GET {path}", handler, private=private),
            methods=["GET"],
        )
        for path, handler, private in named
    ]


async def not_served(request: Request) -> Response:
    """Answer anything outside the prefix."""
    reply = not_found().reply()
    return Response(reply.body, reply.status, media_type=reply.media_type)
