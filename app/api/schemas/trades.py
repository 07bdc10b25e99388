"""Public trades in answers."""

from uuid import UUID

from app.api.schemas.base import Instant, Number, Out, Probability
from app.api.schemas.markets import PriceFeedOut


class TradeOut(Out):
    """A trade as the exchange made it public, without names.

    `price` is that of the first outcome, whichever was bought, with its American odds.
    `outcome` is what its taker bought and `cost_usd` what that cost; where the exchange
    does not say which, it is null and the cost that of the dearer one. `is_block`:
    negotiated away from the book.
    """

    ext_id: str
    traded_at: Instant
    price: Probability
    price_american: int | None
    outcome_id: UUID | None
    outcome: str | None
    contracts: Number
    cost_usd: Number
    is_block: bool


class TradePage(Out):
    """Trades of a market, newest first; `cursor` asks for older ones, null at the oldest.

    Trades that cost less than `floor_usd` are not kept. `as_of`, `is_stale` and `feed` are
    of the market's prices now.
    """

    market_id: UUID
    floor_usd: Number
    as_of: Instant | None
    is_stale: bool
    feed: PriceFeedOut | None
    trades: list[TradeOut]
    cursor: str | None
