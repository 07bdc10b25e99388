"""The feed: what moved, why, and what you hold."""

from app.api.schemas.alerts import AlertOut
from app.api.schemas.base import Out
from app.api.schemas.markets import MarketOut, PriceFeedOut
from app.api.schemas.positions import PositionOut


class FeedAlerts(Out):
    """What was said in the last day and still stands, newest first."""

    alerts: list[AlertOut]


class FeedHoldings(Out):
    """What the caller holds, latest opened first; null when nobody is signed in."""

    positions: list[PositionOut] | None


class FeedPageOut(Out):
    """What moved in the last day, why, and what you hold, in one answer.

    `alerts`: what was said and still stands, newest first, with evidence where there is
    any; `movers`: open markets whose price changed most against a day ago; `feeds`: how
    their prices reach us; `positions`: what the caller holds, latest opened first, null
    when nobody is signed in.
    """

    alerts: list[AlertOut]
    movers: list[MarketOut]
    feeds: list[PriceFeedOut]
    positions: list[PositionOut] | None
