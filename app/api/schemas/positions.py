"""What a person holds, in answers."""

from uuid import UUID

from app.api.schemas.base import Instant, Number, Out, Probability
from app.domain.people import Side
from app.domain.types import Exchange, MarketStatus


class PositionOut(Out):
    """What a person holds of one side of a market, and what it is worth now.

    Prices are those of the side held: `bid` is what a contract could be sold for, `mid` the
    middle of bid and ask, each null where nobody offers; a settled market has what it paid.
    `value_usd` and `value_mid_usd` are the contracts at these prices, `cost_usd` at the
    average price paid. `as_of` and `is_stale` are of the prices.
    """

    id: UUID
    market_id: UUID
    exchange: Exchange
    ext_id: str
    event_id: UUID
    title: str
    status: MarketStatus
    side: Side
    outcome: str | None
    contracts: Number
    average_price: Probability | None
    cost_usd: Number | None
    bid: Probability | None
    bid_american: int | None
    mid: Probability | None
    mid_american: int | None
    value_usd: Number | None
    value_mid_usd: Number | None
    as_of: Instant | None
    is_stale: bool
    opened_at: Instant
    updated_at: Instant


class PositionPage(Out):
    """What a person holds, latest opened first; `cursor` asks for the rest, null at the end."""

    positions: list[PositionOut]
    cursor: str | None
