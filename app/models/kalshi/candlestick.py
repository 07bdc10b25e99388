"""A candlestick on Kalshi's wire."""

from app.models.kalshi.base import Cents, Wire

# Without suffix: whole cents until early 2026 (int), dollars as text under /historical (str).
LegacyPrice = Cents | str
LegacyCount = int | str


class KalshiOffers(Wire):
    """Best offer of one side over a period; 0 or 1 = nobody offered.

    Source: OpenAPI 3.34.0, schemas BidAskDistribution and BidAskDistributionHistorical
    (read 2026-11-22).
    """

    open_dollars: str | None = None
    high_dollars: str | None = None
    low_dollars: str | None = None
    close_dollars: str | None = None
    open: LegacyPrice | None = None
    high: LegacyPrice | None = None
    low: LegacyPrice | None = None
    close: LegacyPrice | None = None


class KalshiTraded(KalshiOffers):
    """Traded YES prices over a period; all but `previous` are absent or null without a trade.

    Source: OpenAPI 3.34.0, schemas PriceDistribution and PriceDistributionHistorical
    (read 2026-11-22).
    """

    mean_dollars: str | None = None
    previous_dollars: str | None = None
    min_dollars: str | None = None
    max_dollars: str | None = None
    mean: LegacyPrice | None = None
    previous: LegacyPrice | None = None
    min: LegacyPrice | None = None
    max: LegacyPrice | None = None


class KalshiCandlestick(Wire):
    """One candlestick; `end_period_ts` is its inclusive end in Unix seconds.

    Source: OpenAPI 3.34.0, schemas MarketCandlestick and MarketCandlestickHistorical
    (read 2026-11-22); 278 recorded ones, 180 of them of January 2026 in cents.
    """

    end_period_ts: int
    price: KalshiTraded | None = None
    yes_bid: KalshiOffers | None = None
    yes_ask: KalshiOffers | None = None
    volume_fp: str | None = None
    open_interest_fp: str | None = None
    volume: LegacyCount | None = None
    open_interest: LegacyCount | None = None
