"""The catalogue's rows, picked out of Kalshi's answers as they came: each once, the first time."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.domain.types import Exchange

_LISTS = ("/series", "/events", "/events/multivariate", "/markets")


class _Lists(msgspec.Struct):
    series: list[msgspec.Raw] | None = None
    events: list[msgspec.Raw] | None = None
    markets: list[msgspec.Raw] | None = None


class _Named(msgspec.Struct):
    ticker: str = ""
    event_ticker: str = ""
    markets: list["_Named"] | None = None


_read_lists = msgspec.json.Decoder(_Lists).decode
_read_names = msgspec.json.Decoder(_Named).decode


class KalshiRows:
    """Series, events (with the markets inside them) and markets of no event so far."""

    def __init__(self) -> None:
        """Begin empty."""
        self._series: dict[str, msgspec.Raw] = {}
        self._events: dict[str, msgspec.Raw] = {}
        self._markets: dict[str, msgspec.Raw] = {}
        self._nested: set[str] = set()

    @property
    def market_count(self) -> int:
        """How many markets it holds."""
        return len(self._nested) + len(self._markets)

    def take(self, url: str, status: int, body: bytes) -> None:
        """Pick the rows of a listing; other answers, and what cannot be read, hold none."""
        if status != 200 or not urlsplit(url).path.endswith(_LISTS):
            return
        try:
            found = _read_lists(body)
        except (ValueError, RecursionError):
            return
        for row in found.series or ():
            self._keep(self._series, row)
        for row in found.events or ():
            self._take_event(row)
        for row in found.markets or ():
            self._keep(self._markets, row)

    def document(self, *, as_of: datetime) -> dict[str, Any]:
        """Return the content of `catalogue.json`."""
        return {
            "as_of": as_of,
            "series": _entries(self._series),
            "events": _entries(self._events),
            "markets": _entries(self._markets),
            "links": [],
        }

    def _take_event(self, row: msgspec.Raw) -> None:
        names = _names(row)
        if names is None or not names.event_ticker or names.event_ticker in self._events:
            return
        self._events[names.event_ticker] = row
        for market in names.markets or ():
            self._nested.add(market.ticker)
            self._markets.pop(market.ticker, None)

    def _keep(self, known: dict[str, msgspec.Raw], row: msgspec.Raw) -> None:
        names = _names(row)
        if names is not None and names.ticker and names.ticker not in self._nested:
            known.setdefault(names.ticker, row)


def _names(row: msgspec.Raw) -> _Named | None:
    try:
        return _read_names(row)
    except (ValueError, RecursionError):
        return None


def _entries(rows: dict[str, msgspec.Raw]) -> list[dict[str, object]]:
    return [{"exchange": Exchange.KALSHI, "row": row} for row in rows.values()]
