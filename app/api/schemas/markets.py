"""Markets in answers."""

from uuid import UUID

from app.api.schemas.base import Instant, Number, Out, Probability
from app.domain.freshness import FeedWord
from app.domain.types import Exchange, MarketStatus, MarketType


class OutcomeOut(Out):
    """One side of a market; quotes are those of the first."""

    id: UUID
    execution_asset_id: str
    name: str
    is_winner: bool | None


class QuoteOut(Out):
    """Prices of the first outcome, with American odds; null where nobody quotes.

    `last_american` and its like are what a bettor reads: 150, -150; null at 0 and 1.
    `previous` is the last price a day ago; sizes, volumes and open interest count contracts.
    """

    last: Probability | None
    last_american: int | None
    bid: Probability | None
    bid_american: int | None
    bid_size: Number | None
    ask: Probability | None
    ask_american: int | None
    ask_size: Number | None
    previous: Probability | None
    volume: Number | None
    volume_24h: Number | None
    open_interest: Number | None


class MarketOut(Out):
    """A market as lists show it.

    `as_of` is when the prices were last known to be true, `is_stale` whether that is
    too long ago to rely on. `quote` is null when none was ever seen.
    """

    id: UUID
    exchange: Exchange
    ext_id: str
    event_id: UUID
    title: str
    market_type: MarketType
    status: MarketStatus
    open_at: Instant | None
    close_at: Instant | None
    result: str | None
    is_combo: bool
    outcomes: list[OutcomeOut]
    quote: QuoteOut | None
    as_of: Instant | None
    is_stale: bool


class PriceFeedOut(Out):
    """How an exchange's prices reach us, and since when.

    `live`: every change within a second or two; `polling`: read every few seconds to
    minutes; `degraded`: some may be missing; `stale`: rely on none of them.
    """

    exchange: Exchange
    state: FeedWord
    since: Instant


class MarketPage(Out):
    """A page of markets; `cursor` asks for the next one, null on the last."""

    markets: list[MarketOut]
    cursor: str | None
    feeds: list[PriceFeedOut]
