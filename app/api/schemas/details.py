"""Single markets and events in answers, with what belongs to them."""

from app.api.schemas.base import Instant, Number, Out, Probability
from app.api.schemas.events import EventOut
from app.api.schemas.markets import MarketOut, PriceFeedOut
from app.api.schemas.series import SeriesOut


class PriceRangeOut(Out):
    """Between `start` and `end` prices move in steps of `step`."""

    start: Probability
    end: Probability
    step: Probability


class MarketDetail(MarketOut):
    """A market with all we know of it; `settlement_value` is what the first outcome paid.

    `feed` is null until the exchange's prices were followed for the first time.
    """

    feed: PriceFeedOut | None
    event: EventOut | None
    series: SeriesOut | None
    rules_primary: str | None
    rules_secondary: str | None
    expected_expiration_at: Instant | None
    latest_expiration_at: Instant | None
    listed_at: Instant
    settled_at: Instant | None
    settlement_value: Probability | None
    can_close_early: bool
    strike_type: str | None
    floor_strike: Number | None
    cap_strike: Number | None
    price_ranges: list[PriceRangeOut]
    is_provisional: bool


class EventHead(EventOut):
    """An event with its series."""

    series: SeriesOut | None


class EventDetail(EventHead):
    """An event with its markets, soonest to close first, without combos.

    `cursor` is null unless there are more than 200; it goes on in
    `/v1/markets?event=...&sort=close&limit=200`.
    """

    markets: list[MarketOut]
    cursor: str | None
    feeds: list[PriceFeedOut]
