"""An event on Kalshi's wire."""

from app.models.kalshi.base import Ticker, Wire


class KalshiEvent(Wire):
    """Row of `GET /events` and `GET /events/multivariate`; its `markets` are rows of their own.

    Source: OpenAPI 3.34.0, schema EventData (read 2026-11-22); 69 recorded rows.
    There is no status: it follows from the markets. `category` is deprecated but sent.
    """

    event_ticker: Ticker
    series_ticker: Ticker
    title: str | None = None
    sub_title: str | None = None
    category: str | None = None
    mutually_exclusive: bool | None = None
    strike_date: str | None = None
    last_updated_ts: str | None = None
