"""Public trades in our words."""

from app.domain.trades import PublicTrade, TakerSide
from app.domain.types import Contracts, Exchange, Price
from app.models.kalshi import KalshiTrade
from app.services.kalshi.normalize.fields import read_count, read_price, read_time
from app.services.kalshi.normalize.rows import Row

# The book's words say the same: `bid` took YES, `ask` took NO.
_TAKERS = {
    "yes": TakerSide.FIRST,
    "bid": TakerSide.FIRST,
    "no": TakerSide.SECOND,
    "ask": TakerSide.SECOND,
}


def to_public_trade(row: Row) -> PublicTrade:
    """Translate one trade; its price is that of YES.

    Raises:
        ValueError: no id, time, count or price, or one that is not what its name says.
    """
    wire = KalshiTrade.model_validate(row)
    traded_at = read_time(wire.created_time)
    contracts = read_count(wire.count_fp, wire.count)
    if traded_at is None or contracts is None:
        raise ValueError("a trade without time or count")
    side = wire.taker_outcome_side or wire.taker_book_side or wire.taker_side
    return PublicTrade(
        exchange=Exchange.KALSHI,
        ext_id=wire.trade_id,
        market_ext_id=wire.ticker,
        price=_yes_price(wire),
        contracts=Contracts(contracts),
        traded_at=traded_at,
        taker=_TAKERS.get(side or ""),
        is_block=bool(wire.is_block_trade),
    )


def _yes_price(wire: KalshiTrade) -> Price:
    """Return YES's price, from NO's when only that is given."""
    price = read_price(wire.yes_price_dollars, wire.yes_price)
    if price is not None:
        return price
    opposite = read_price(wire.no_price_dollars, wire.no_price)
    if opposite is None:
        raise ValueError("a trade without price")
    return Price(1 - opposite)
