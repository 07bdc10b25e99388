"""A seeded model of many markets' lives: what an exchange announces, and what is true after it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from app.domain.catalogue import CataloguePage, Market, Outcome, Quote
from app.domain.lifecycle_events import LifecycleEvent, Subject
from app.domain.types import Exchange, MarketStatus, Price
from tests.domain_factories import make_market

_RESULTS = {"yes": "1.0000", "no": "0.0000", "scalar": "0.2500"}
_FAR = timedelta(days=400)  # so that the clock closes nothing
_STATUS = {
    "created": MarketStatus.UPCOMING,
    "activated": MarketStatus.OPEN,
    "deactivated": MarketStatus.PAUSED,
    "determined": MarketStatus.DETERMINED,
    "settled": MarketStatus.SETTLED,
}


@dataclass
class Life:
    """One market: its announcements in their true order, with the moment each was sent."""

    ext_id: str
    told: list[tuple[datetime, LifecycleEvent]] = field(default_factory=list)

    def state(self, at: datetime | None = None) -> Market:
        """Return what is true at a moment (None = in the end)."""
        market = make_market(
            ext_id=self.ext_id,
            status=MarketStatus.UPCOMING,
            open_at=None,
            close_at=None,
            outcomes=(Outcome("yes", "Yes"), Outcome("no", "No")),
            source_ts=None,
        )
        for sent_at, event in self.told:
            if at is None or sent_at <= at:
                market = _after(market, event)
        return market


def _after(market: Market, event: LifecycleEvent) -> Market:
    market = replace(
        market,
        status=event.status or market.status,
        close_at=event.close_at or market.close_at,
        result=event.result or market.result,
        settlement_value=(
            market.settlement_value if event.settlement_price is None else event.settlement_price
        ),
        settled_at=event.happened_at if event.kind == "settled" else None,
    )
    if event.result in ("yes", "no"):
        sides = tuple(
            replace(side, is_winner=side.execution_asset_id == event.result)
            for side in market.outcomes
        )
        market = replace(market, outcomes=sides)
    return market


def make_life(dice: Random, ext_id: str, start: datetime) -> Life:
    """Make one market's life: pauses, new closes, and for most an end."""
    life = Life(ext_id)
    at = start + timedelta(milliseconds=dice.randrange(600_000))
    for kind in _kinds(dice):
        life.told.append((at, _announce(dice, ext_id, kind, at)))
        at += timedelta(milliseconds=dice.randrange(6_000, 200_000))
    return life


def _kinds(dice: Random) -> Iterator[str]:
    yield from ("created", "activated")
    for _ in range(dice.randrange(3)):
        yield from ("deactivated", "activated")
        if dice.random() < 0.5:
            yield "close_date_updated"
    if dice.random() < 0.2:
        yield "deactivated"
    if dice.random() < 0.8:
        yield "determined"
        if dice.random() < 0.9:
            yield "settled"


def _announce(dice: Random, ext_id: str, kind: str, at: datetime) -> LifecycleEvent:
    payload: dict[str, object] = {"market_ticker": ext_id, "event_type": kind}
    event = LifecycleEvent(
        exchange=Exchange.KALSHI,
        subject=Subject.MARKET,
        ext_id=ext_id,
        kind=kind,
        received_at=at + timedelta(milliseconds=50),
        payload=payload,
        sent_at=at,
        status=_STATUS.get(kind),
    )
    if kind in ("created", "close_date_updated"):
        close_at = (at + _FAR).replace(microsecond=0) + timedelta(seconds=dice.randrange(10**6))
        payload["close_ts"] = int(close_at.timestamp())
        return replace(event, close_at=close_at)
    if kind == "determined":
        result = dice.choice(list(_RESULTS))
        payload |= {"result": result, "settlement_value": _RESULTS[result]}
        before = timedelta(seconds=dice.randrange(20))  # decided earlier than it was announced
        event = replace(event, result=result, settlement_price=Price(Decimal(_RESULTS[result])))
        return replace(event, happened_at=(at - before).replace(microsecond=0))
    if kind == "settled":
        return replace(event, happened_at=at.replace(microsecond=0))
    return event


def with_copies(dice: Random, event: LifecycleEvent) -> list[tuple[LifecycleEvent, timedelta]]:
    """Return an announcement, one in ten times with a copy: the same frame, or sent again.

    With each comes how much later than the first it arrives.
    """
    copies = [(event, timedelta())]
    if dice.random() < 0.1 and event.sent_at is not None:
        later = timedelta(milliseconds=dice.choice((0, 3, 1_500)))
        again = replace(event, sent_at=event.sent_at + later, received_at=event.received_at + later)
        copies.append((again, later))
    return copies


def page_of(lives: list[Life], as_of: datetime) -> CataloguePage:
    """Return what a request at `as_of` says about markets."""
    markets = [life.state(as_of) for life in lives]
    quotes = [Quote(Exchange.KALSHI, market.ext_id, as_of) for market in markets]
    return CataloguePage(markets=markets, quotes=quotes)
