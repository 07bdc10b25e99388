"""Candlesticks in our words."""

from datetime import timedelta

from app.domain.candles import Candle, Ohlc
from app.domain.types import Exchange
from app.models.kalshi import KalshiCandlestick, KalshiOffers, KalshiTraded
from app.services.kalshi.normalize.fields import from_unix, read_count, read_offer, read_price
from app.services.kalshi.normalize.rows import Row


def to_candle(row: Row, *, market_ext_id: str, interval: timedelta) -> Candle:
    """Translate one candlestick; the three forms (dollars, January's cents, historical) alike.

    Args:
        interval: the period asked for; the row gives only its inclusive end.

    Raises:
        ValueError: no end, a price outside 0..1, or a low above the high.
    """
    wire = KalshiCandlestick.model_validate(row)
    traded = wire.price or KalshiTraded()
    candle = Candle(
        exchange=Exchange.KALSHI,
        market_ext_id=market_ext_id,
        bucket_at=from_unix(wire.end_period_ts) - interval,
        interval=interval,
        open=read_price(traded.open_dollars, traded.open),
        high=read_price(traded.high_dollars, traded.high),
        low=read_price(traded.low_dollars, traded.low),
        close=read_price(traded.close_dollars, traded.close),
        mean=read_price(traded.mean_dollars, traded.mean),
        previous=read_price(traded.previous_dollars, traded.previous) or None,
        lowest=read_price(traded.min_dollars, traded.min),
        highest=read_price(traded.max_dollars, traded.max),
        volume=read_count(wire.volume_fp, wire.volume),
        open_interest=read_count(wire.open_interest_fp, wire.open_interest),
        bid=_to_offers(wire.yes_bid),
        ask=_to_offers(wire.yes_ask),
    )
    if candle.low is not None and candle.high is not None and candle.low > candle.high:
        raise ValueError("low above high")
    return candle


def _to_offers(wire: KalshiOffers | None) -> Ohlc:
    """Read one side; where nobody offered (0 or 1) there is None."""
    if wire is None:
        return Ohlc()
    return Ohlc(
        open=read_offer(wire.open_dollars, wire.open),
        high=read_offer(wire.high_dollars, wire.high),
        low=read_offer(wire.low_dollars, wire.low),
        close=read_offer(wire.close_dollars, wire.close),
    )
