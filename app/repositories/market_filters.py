"""Which markets a list shows, and which events through their markets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from app.domain.types import Exchange, MarketStatus
from app.models.db import Event, Market, Series, live
from app.models.db.base import EXCHANGE, MARKET_STATUS
from app.repositories.search import contains, named, to_pattern

Condition = ColumnElement[bool]
MarketEntity = type[Market]
Shape = frozenset[str]  # names of the conditions that apply

NO_COMBOS = "no_combos"
LIVE_EVENT = "live_event"
_INSTANT = DateTime(timezone=True)
_NEVER: ColumnElement[datetime] = literal_column("'infinity'::timestamptz", _INSTANT)


@dataclass(frozen=True, slots=True)
class MarketFilter:
    """What was asked for; None and empty mean everything that is not soft-deleted.

    Attributes:
        statuses: any of these; empty = every status, final ones too.
        category: of the market's event, or of its series when the event has none.
        closes_after, closes_before: `close_at` in [after, before); a market without
            one never closes.
        words: each must occur in the title or the exchange's id, case ignored.
        event_words: the same, in those of the market's event.
    """

    exchange: Exchange | None = None
    statuses: tuple[MarketStatus, ...] = ()
    category: str | None = None
    series_id: UUID | None = None
    event_id: UUID | None = None
    closes_after: datetime | None = None
    closes_before: datetime | None = None
    words: tuple[str, ...] = ()
    event_words: tuple[str, ...] = ()
    include_combos: bool = False

    def arguments(self) -> dict[str, object]:
        """Return the values to bind, by the name of the condition that needs them."""
        single = {
            "exchange": self.exchange and self.exchange.value,
            "category": self.category,
            "series_id": self.series_id,
            "event_id": self.event_id,
            "closes_after": self.closes_after,
            "closes_before": self.closes_before,
        }
        return {
            **{name: given for name, given in single.items() if given is not None},
            **{f"status_{n}": status.value for n, status in enumerate(self.statuses)},
            **{f"word_{n}": to_pattern(word) for n, word in enumerate(self.words)},
            **{f"event_word_{n}": to_pattern(word) for n, word in enumerate(self.event_words)},
        }

    def shape(self, arguments: Iterable[str]) -> Shape:
        """Return the names of the conditions, all that is needed to write the statement."""
        return frozenset(arguments if self.include_combos else (*arguments, NO_COMBOS))


def closes_at(market: MarketEntity) -> ColumnElement[datetime]:
    """Write when a market closes, `infinity` for never: the expression of the indexes."""
    return func.coalesce(market.close_at, _NEVER)


def conditions(market: MarketEntity, shape: Shape) -> list[Condition]:
    """Write the conditions of a shape on `market`, the table or an alias of it.

    A series has few events, so their ids are looked up first; otherwise a planner
    that hopes for early matches walks a whole order for a series without any.
    """
    found = [live(market), *(write(market) for name, write in _OWN.items() if name in shape)]
    if statuses := named(shape, "status_"):
        words = [cast(bindparam(name, type_=Text), MARKET_STATUS) for name in statuses]
        found.append(market.status == words[0] if len(words) == 1 else market.status.in_(words))
    found += [contains(market, name) for name in named(shape, "word_")]
    if "series_id" in shape:
        found.append(market.event_id == any_(func.array(_events(shape).scalar_subquery())))
    elif any(is_of_event(name) for name in shape):
        found.append(market.event_id.in_(_events(shape)))
    return found


def is_of_event(name: str) -> bool:
    """Whether a condition looks at the event only, so that all its markets meet it or none."""
    return name in _OF_EVENT or name.startswith("event_word_")


def _events(shape: Shape) -> Select[UUID]:
    event, series = aliased(Event), aliased(Series)
    events = select(event.id).where(live(event))
    if "category" in shape:
        asked = bindparam("category", type_=Text)
        inherited = and_(event.category.is_(None), series.category == asked)
        events = events.join(series, series.id == event.series_id)
        events = events.where(or_(event.category == asked, inherited))
    if "series_id" in shape:
        events = events.where(event.series_id == bindparam("series_id", type_=Uuid))
    return events.where(*(contains(event, name) for name in named(shape, "event_word_")))


def _closes_after(market: MarketEntity) -> Condition:
    """Say it twice: to the index, and to the planner, which has no statistics of its words."""
    asked = bindparam("closes_after", type_=_INSTANT)
    known = or_(market.close_at >= asked, market.close_at.is_(None))
    return and_(closes_at(market) >= asked, known)


def _closes_before(market: MarketEntity) -> Condition:
    asked = bindparam("closes_before", type_=_INSTANT)
    return and_(closes_at(market) < asked, market.close_at < asked)


_OF_EVENT = {"category", "series_id", LIVE_EVENT}
_OWN: Mapping[str, Callable[[MarketEntity], Condition]] = {
    "exchange": lambda m: m.exchange == cast(bindparam("exchange", type_=Text), EXCHANGE),
    "event_id": lambda m: m.event_id == bindparam("event_id", type_=Uuid),
    "closes_after": _closes_after,
    "closes_before": _closes_before,
    NO_COMBOS: lambda m: ~m.is_combo,
}
