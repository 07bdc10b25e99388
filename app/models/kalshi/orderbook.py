"""An order book on Kalshi's wire."""

from pydantic import Field

from app.models.kalshi.base import Wire

# [price, contracts]: dollars and contracts as text, or whole cents and whole contracts.
Level = list[str | int]


class KalshiOrderbook(Wire):
    """Bids of both sides and nothing else, best last as recorded; a side may be null or absent.

    Source: OpenAPI 3.34.0, schema OrderbookCountFp (read 2026-11-22); 554 recorded ones.
    `yes` and `no` (cents) and the key `orderbook` around it are the form of early 2026.
    """

    yes_dollars: list[Level] | None = None
    no_dollars: list[Level] | None = None
    yes: list[Level] | None = None
    no: list[Level] | None = None


class KalshiOrderbookAnswer(Wire):
    """Body of `GET /markets/{ticker}/orderbook`, and row of `GET /markets/orderbooks`."""

    ticker: str | None = None
    orderbook_fp: KalshiOrderbook | None = None
    legacy: KalshiOrderbook | None = Field(default=None, alias="orderbook")
