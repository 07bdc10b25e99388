"""Events of the stream of prices; `app.api.stream.encode` writes the same as bytes."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.schemas.base import Instant, Number, Out, Probability
from app.domain.types import Exchange


class StreamedMarketOut(Out):
    """The latest prices of a market's first outcome: always the whole state, never a part.

    `volume` counts contracts since the market opened; prices are null where nobody quotes.
    """

    id: UUID
    ext_id: str
    last: Probability | None
    last_american: int | None
    bid: Probability | None
    bid_american: int | None
    ask: Probability | None
    ask_american: int | None
    volume: Number | None
    open_interest: Number | None
    as_of: Instant | None


class StreamedFeedOut(Out):
    """How true an exchange's prices are: `live`, `polling`, `degraded` or `stale`, since when."""

    exchange: Exchange
    state: str
    since: Instant | None
    as_of: Instant | None
    is_stale: bool


class SnapshotEventOut(Out):
    """`event: snapshot`: every chosen market, and the feeds; replaces all that was sent before."""

    markets: list[StreamedMarketOut]
    feeds: list[StreamedFeedOut]


class QuotesEventOut(Out):
    """`event: quotes`: the chosen markets that changed in the last half second."""

    markets: list[StreamedMarketOut]


class StreamEventName(StrEnum):
    """The kinds of events."""

    SNAPSHOT = "snapshot"
    QUOTES = "quotes"
    FEED = "feed"


class StreamEventOut(Out):
    """One event; `data` is JSON on one line, `id` is what `Last-Event-ID` resumes from."""

    id: Annotated[str, Field(examples=["1763812800123-0"])]
    event: StreamEventName
    data: SnapshotEventOut | QuotesEventOut | StreamedFeedOut
