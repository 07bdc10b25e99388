"""What workers and actions need from the outside, in our own words."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.domain.books import OrderBook
from app.domain.candles import CandlePage
from app.domain.catalogue import CataloguePage, Reject
from app.domain.lifecycle_events import LifecycleEvent
from app.domain.push import PushMessage, PushOutcome
from app.domain.ticks import Tick
from app.domain.trades import PublicTrade, TradePage
from app.domain.types import Exchange


@dataclass(frozen=True, slots=True)
class ExchangeStatus:
    """Whether the exchange works; `resumes_at` when it says so."""

    is_active: bool
    is_trading: bool
    resumes_at: datetime | None = None


class MarketSource(Protocol):
    """An exchange's catalogue over its request interface.

    Every method raises `SourceError`s only; a row that cannot be read becomes a
    `Reject`, a page that cannot be read raises `PayloadInvalid`.
    """

    exchange: Exchange

    def fetch_series(self) -> AsyncIterator[CataloguePage]:
        """Yield all series."""

    def fetch_catalogue(self) -> AsyncIterator[CataloguePage]:
        """Yield every event that has a market which is not final, with all its markets.

        Iterating to the end without an exception means the listing was complete.
        """

    def fetch_changes(self, since: datetime, until: datetime) -> AsyncIterator[CataloguePage]:
        """Yield markets that may have changed in `since`..`until`, closes and settlements too."""

    async def fetch_events(self, ext_ids: Sequence[str]) -> CataloguePage:
        """Fetch single events with their markets; those that do not exist are left out."""

    async def fetch_markets(self, ext_ids: Sequence[str]) -> CataloguePage:
        """Fetch markets by id in bulk; those that the exchange does not list are left out."""

    async def is_gone(self, market_ext_id: str) -> bool:
        """Ask for one market by itself; True only on a definite 404."""

    async def fetch_status(self) -> ExchangeStatus:
        """Ask whether the exchange is up."""

    async def close(self) -> None:
        """Release connections."""


class PriceSource(Protocol):
    """An exchange's prices over its request interface; raises `SourceError`s only."""

    exchange: Exchange

    async def fetch_candles(
        self,
        series_ext_id: str,
        market_ext_id: str,
        *,
        start: datetime,
        end: datetime,
        interval: timedelta,
    ) -> CandlePage:
        """Fetch the candles whose period ends in `start`..`end`; quiet periods may be missing."""

    async def fetch_candles_of(
        self,
        market_ext_ids: Sequence[str],
        *,
        start: datetime,
        end: datetime,
        interval: timedelta,
    ) -> CandlePage:
        """Fetch the candles of many markets, in as few requests as possible.

        Returns:
            Candles by market, oldest first in each; a market without any is left out.
        """

    async def fetch_book(self, market_ext_id: str) -> OrderBook:
        """Fetch all open offers of one market."""

    def fetch_trades(
        self, market_ext_id: str, *, since: datetime, until: datetime
    ) -> AsyncIterator[TradePage]:
        """Yield the public trades of one market in `since`..`until`."""

    def fetch_all_trades(self, *, since: datetime, until: datetime) -> AsyncIterator[TradePage]:
        """Yield the public trades of all markets in `since`..`until`, without combos."""


class StreamKind(StrEnum):
    """What a stream carries."""

    TICKS = "ticks"
    TRADES = "trades"
    LIFECYCLE = "lifecycle"


class StreamPhase(StrEnum):
    """How true what a stream gave us is now."""

    LIVE = "live"  # all of it arrives
    DEGRADED = "degraded"  # connecting, or a part is missing
    STALE = "stale"  # for 25 s nothing new came that should have


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream's phase since a moment, and why, in a few words.

    Told again, with a later moment, as long as the exchange itself says that nothing is dealt.
    """

    phase: StreamPhase
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class StreamGap:
    """A window whose messages may be missing; all outside of it arrived.

    Attributes:
        since: until then nothing was missed; None = nothing is known before `until`. Both
            are our clock's: who asks the exchange allows for its being off.
        missed: how many messages, when they are numbered.
    """

    kind: StreamKind
    since: datetime | None
    until: datetime
    reason: str
    missed: int | None = None


class TickSink(Protocol):
    """Who takes what a stream brings; called by one task, in the order of arrival.

    All but `on_lifecycle` return at once and do no input or output. An exception ends
    the stream.
    """

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Take ticks, not checked for sense (`FoldBook` does that); may repeat or be late."""

    def on_trades(self, trades: Sequence[PublicTrade]) -> None:
        """Take public trades; may repeat."""

    async def on_lifecycle(self, events: Sequence[LifecycleEvent]) -> None:
        """Store announcements; may repeat. None is offered again, so return when they are safe."""

    def on_gap(self, gap: StreamGap) -> None:
        """Note that a window has to be asked for; what follows it may have been given before."""

    def on_state(self, state: StreamState) -> None:
        """Note a change of phase."""

    def on_rejects(self, rejects: Sequence[Reject]) -> None:
        """Note messages that could not be read; in a storm only some of them."""


class TickStream(Protocol):
    """An exchange's prices, trades and announcements as they happen."""

    exchange: Exchange

    async def run(self, sink: TickSink, *, since: datetime | None = None) -> None:
        """Stay connected until cancelled, and close cleanly then, within a second.

        Args:
            since: until then the caller knows everything; the first gap starts there.

        Raises:
            SourceRefused: the exchange does not take our key, or our clock is wrong.
        """


class PushSender(Protocol):
    """A push gateway."""

    async def send(self, message: PushMessage) -> PushOutcome:
        """Send one push and say what became of it; never raises for what a gateway does.

        One request, no retries inside; within a few seconds, else the outcome is unknown.
        """

    async def close(self) -> None:
        """Release connections."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom an access token speaks for, as its issuer said.

    Attributes:
        user_id: the issuer's id of the person, and ours.
        is_anonymous: somebody who never gave a name; their account lives on one device.
        expires_at: when the token ends.
    """

    user_id: UUID
    is_anonymous: bool
    expires_at: datetime


class TokenVerifier(Protocol):
    """Who tells whether an access token is good."""

    async def verify(self, token: str) -> SignedIn:
        """Return whom a token speaks for.

        Raises:
            Unauthenticated: the token is not good, or no longer; a fresh one may be.
            SourceError: the issuer's keys cannot be had, so nobody can tell.
        """
