"""A public trade on Kalshi's wire."""

from pydantic import Field

from app.models.kalshi.base import Cents, Ticker, Wire


class KalshiTrade(Wire):
    """Row of `GET /markets/trades`.

    Source: OpenAPI 3.34.0, schema Trade (read 2026-11-22); no recording exists.
    `taker_outcome_side` is the side the taker is exposed to; `taker_side` its older name.
    """

    trade_id: str = Field(min_length=1, max_length=200)
    ticker: Ticker
    created_time: str
    count_fp: str | None = None
    yes_price_dollars: str | None = None
    no_price_dollars: str | None = None
    taker_outcome_side: str | None = None
    taker_book_side: str | None = None
    taker_side: str | None = None
    is_block_trade: bool | None = None

    count: int | None = None
    yes_price: Cents | None = None
    no_price: Cents | None = None
