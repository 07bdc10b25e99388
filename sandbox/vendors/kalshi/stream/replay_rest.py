"""REST beside a replay: a catalogue made of the frames, and candles of those due so far."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from sandbox.recordings import Recorded
from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.candles import Span
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.errors import bad_request, not_found
from sandbox.vendors.kalshi.limits import PREFIX
from sandbox.vendors.kalshi.recorded import empty, recorded_handlers
from sandbox.vendors.kalshi.reply import Reply
from sandbox.vendors.kalshi.stream.recorded_frames import TickerFields
from sandbox.vendors.kalshi.stream.replay import Replay, copy_of
from sandbox.vendors.kalshi.stream.replay_candles import candles
from sandbox.vendors.kalshi.stream.replay_rows import (
    event_row,
    market_row,
    opening_hours,
    series_row,
)
from sandbox.vendors.kalshi.wire import Handler
from sandbox.world.units import MINUTE, SECOND

_TICKERS_TOP = 100
_SINGLE_CANDLES = "/series/{series}/markets/{ticker}/candlesticks"


@dataclass(slots=True)
class _Market:
    """The frames of one recorded market: their places in the replay, and what they say."""

    places: list[int] = field(default_factory=list)
    ticks: list[TickerFields] = field(default_factory=list)
    hours: tuple[str, str] = ("", "")


class ReplayRest:
    """Answers for the markets of a replay."""

    def __init__(self, replay: Replay, now_us: int) -> None:
        """Find the markets; none of them is closed at `now_us`."""
        self._replay = replay
        self._markets: dict[str, _Market] = {}
        for place, found in enumerate(replay.frames):
            if found.fields is not None:
                market = self._markets.setdefault(found.fields.market_ticker, _Market())
                market.places.append(place)
                market.ticks.append(found.fields)
        for market in self._markets.values():
            market.hours = opening_hours(market.ticks, now_us)
        copies = range(replay.plan.copies)
        self._originals = {
            copy_of(ticker, number): (ticker, number)
            for ticker in self._markets
            for number in copies
        }
        self._handlers: dict[str, Handler] = {}
        self._recorded: tuple[Recorded, ...] = ()
        self._made_at: int | None = None

    def answer(self, ctx: Context, ask: Ask, path: str) -> Reply:
        """Answer a request for data; `path` is the pattern of its route."""
        if path == _SINGLE_CANDLES:
            return self._single(ask)
        if path == "/markets/candlesticks":
            return self._batch(ask)
        self.recorded()
        handler = self._handlers.get(ask.target)
        return handler(ctx, ask) if handler else empty(ask.target)

    def recorded(self) -> tuple[Recorded, ...]:
        """Return the rows as the frames due so far have left them."""
        if self._made_at != self._replay.position:
            self._made_at = self._replay.position
            self._recorded = tuple(self._entries())
            self._handlers = recorded_handlers(self._recorded)
        return self._recorded

    def _due_count(self, ticker: str) -> int:
        """Return how many frames of a market, or of its copy, have fallen due."""
        original, number = self._originals[ticker]
        replay = self._replay
        return bisect_left(self._markets[original].places, replay.frame + (number < replay.copy))

    def _due(self, ticker: str) -> list[TickerFields]:
        """Return those frames."""
        return self._markets[self._originals[ticker][0]].ticks[: self._due_count(ticker)]

    def _entries(self) -> Iterator[Recorded]:
        rows: dict[str, list[dict[str, object]]] = {}
        for ticker, (original, _) in self._originals.items():
            market = self._markets[original]
            newest = market.ticks[max(self._due_count(ticker) - 1, 0)]
            row = market_row(ticker, market.hours, newest)
            rows.setdefault(str(row["event_ticker"]), []).append(row)
        series = sorted({event.split("-", 1)[0] for event in rows})
        yield _list("/series", "series", "ticker", [series_row(name) for name in series])
        events = [event_row(event, found) for event, found in rows.items()]
        yield _list("/events", "events", "event_ticker", events)
        markets = [row for found in rows.values() for row in found]
        yield _list("/markets", "markets", "ticker", markets)

    def _candles(self, ticker: str, span: Span) -> list[dict[str, object]]:
        found = candles(self._due(ticker), span.period_us // MINUTE)
        first, last = span.start_us // SECOND, span.end_us // SECOND
        return [candle.fields() for candle in found if first <= candle.end_s <= last]

    def _single(self, ask: Ask) -> Reply:
        span, ticker = Span(ask), ask.path["ticker"]
        if ticker not in self._originals or ticker.split("-", 1)[0] != ask.path["series"]:
            raise not_found()
        body = {"candlesticks": self._candles(ticker, span), "ticker": ticker}
        return Reply(orjson.dumps(body))

    def _batch(self, ask: Ask) -> Reply:
        tickers = ask.texts("market_tickers")
        if not 1 <= len(tickers) <= _TICKERS_TOP:
            raise bad_request("between 1 and 100 market_tickers are required")
        span = Span(ask, any_interval=True)
        rows = [
            {"candlesticks": self._candles(ticker, span), "market_ticker": ticker}
            for ticker in tickers
            if ticker in self._originals
        ]
        return Reply(orjson.dumps({"markets": rows}))


def _list(path: str, name: str, key: str, rows: list[dict[str, object]]) -> Recorded:
    values = tuple(orjson.dumps(row) for row in rows)
    return Recorded("GET", PREFIX + path, {}, name, key, values)
