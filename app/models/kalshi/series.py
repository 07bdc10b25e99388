"""A series on Kalshi's wire."""

from app.models.kalshi.base import Number, Ticker, Wire


class KalshiSeries(Wire):
    """Row of `GET /series`, and `series` of `GET /series/{ticker}`.

    Source: OpenAPI 3.34.0, schema Series (read 2026-11-22); 246 recorded rows.
    `fee_type` and `frequency` are open sets of words; `fee_multiplier` has no unit.
    """

    ticker: Ticker
    title: str | None = None
    category: str | None = None
    tags: list[str] | None = None
    frequency: str | None = None
    fee_type: str | None = None
    fee_multiplier: Number | None = None
    last_updated_ts: str | None = None
