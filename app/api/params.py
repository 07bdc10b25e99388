"""What the lists take, and what it means."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.api.pagination import DEFAULT_LIMIT, MAX_CURSOR, MAX_LIMIT
from app.api.refs import Name, plain, to_event_id, to_series_id
from app.domain.types import Exchange, MarketStatus
from app.repositories.market_filters import MarketFilter
from app.repositories.market_order import MarketSort
from app.repositories.series import SeriesFilter

MIN_SEARCH = 2  # characters
REPEATABLE = frozenset({"status"})
_MAX_SEARCH = 100
_MAX_WORDS = 8
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def _searchable(text: str) -> str:
    if len(text.strip()) < MIN_SEARCH:
        raise ValueError(f"needs at least {MIN_SEARCH} characters")
    if len(text.split()) > _MAX_WORDS:
        raise ValueError(f"takes at most {_MAX_WORDS} words")
    return text


def _storable(at: datetime) -> datetime:
    if not _EARLIEST <= at <= _LATEST:
        raise ValueError("is out of range")
    return at


Search = Annotated[
    str,
    StringConstraints(max_length=_MAX_SEARCH),
    AfterValidator(plain),
    AfterValidator(_searchable),
    Field(description="words that must all occur in the title or the exchange's id"),
]
Category = Annotated[Name, Field(description="as the exchange spells it, for example Sports")]
Moment = Annotated[AwareDatetime, AfterValidator(_storable)]


class PageParams(BaseModel):
    """Where to go on and how far; parameters that a list does not have are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: Annotated[
        str | None, Field(max_length=MAX_CURSOR, description="`cursor` of the page before")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class SeriesParams(PageParams):
    """Parameters of the list of series."""

    exchange: Exchange | None = None
    category: Category | None = None
    q: Search | None = None

    def to_filter(self) -> SeriesFilter:
        """Translate into the repository's words."""
        return SeriesFilter(self.exchange, self.category, _words(self.q))


class _ThroughMarkets(PageParams):
    """What both markets and events can be chosen by."""

    exchange: Exchange | None = None
    status: Annotated[
        tuple[MarketStatus, ...],
        Field(max_length=len(MarketStatus), description="any of these; none given = all of them"),
    ] = ()
    category: Category | None = None
    series: Annotated[Name, Field(description="id, or kalshi:TICKER")] | None = None
    closes_after: Annotated[Moment, Field(description="earliest close, included")] | None = None
    closes_before: Annotated[Moment, Field(description="latest close, excluded")] | None = None
    q: Search | None = None
    include_combos: bool = False
    sort: MarketSort = MarketSort.VOLUME

    def _common(self) -> MarketFilter:
        return MarketFilter(
            exchange=self.exchange,
            statuses=tuple(sorted(set(self.status))),
            category=self.category,
            series_id=to_series_id(self.series) if self.series else None,
            closes_after=self.closes_after,
            closes_before=self.closes_before,
            include_combos=self.include_combos,
        )


class EventParams(_ThroughMarkets):
    """Parameters of the list of events: those that have a market which meets them."""

    def to_filter(self) -> MarketFilter:
        """Translate into the repository's words; `q` is looked for in the event.

        Raises:
            InvalidRequest: `series` is not a reference.
        """
        return replace(self._common(), event_words=_words(self.q))


class MarketParams(_ThroughMarkets):
    """Parameters of the list of markets."""

    event: Annotated[Name, Field(description="id, or kalshi:TICKER")] | None = None

    def to_filter(self) -> MarketFilter:
        """Translate into the repository's words; `q` is looked for in the market.

        Raises:
            InvalidRequest: `series` or `event` is not a reference.
        """
        event_id = to_event_id(self.event) if self.event else None
        return replace(self._common(), event_id=event_id, words=_words(self.q))


def _words(search: str | None) -> tuple[str, ...]:
    return tuple(search.split()) if search else ()
