"""What a replay is played on: the live system's parts, put together around a virtual clock."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.core.clock import VirtualClock
from app.core.config import Settings
from app.core.database import Conn, Pool
from app.domain.detectors.scene import Depth
from app.domain.types import Exchange
from app.pipeline.market_monitor import MarketMonitor
from app.store.rules import read_rules
from evaluation.replay.catalogue import ReplayCatalogue
from evaluation.replay.feed import ReplayFeed
from evaluation.replay.gateway import NotingGateway
from evaluation.replay.people import ReplayPeople


class FeedDepths:
    """What is offered at a market's best prices, as its newest frame said."""

    def __init__(self, feeds: Mapping[Exchange, ReplayFeed]) -> None:
        """Read from these feeds."""
        self._feeds = feeds

    async def read(self, exchange: Exchange, market_ext_id: str) -> Depth | None:
        """See `DepthSource.read`; offers whose sizes are not recorded are unknown."""
        feed = self._feeds.get(exchange)
        state = feed.states.get(market_ext_id) if feed else None
        if state is None or _is_unsized(state.bid, state.bid_size):
            return None
        if _is_unsized(state.ask, state.ask_size):
            return None
        return Depth(state.bid_size, state.ask_size)


def _is_unsized(price: int | None, size: int | None) -> bool:
    return price is not None and size is None


@dataclass(slots=True)
class Stage:
    """What a replay plays on.

    Attributes:
        invents: markets that tick and are not listed get a row made of their ticker.
        listed_until_ms: the catalogue holds what answers until then said.
    """

    settings: Settings
    pool: Pool
    clock: VirtualClock
    catalogue: ReplayCatalogue
    people: ReplayPeople
    gateway: NotingGateway
    invents: bool
    listed_until_ms: int = 0
    unread: dict[str, int] = field(default_factory=dict)

    async def meet_new(self) -> None:
        """Store who has to do with markets that came into the catalogue since the last call."""
        await self.people.meet(self.catalogue.take_new(), now=self.clock.now())

    def count_unread(self, what: str) -> None:
        """Count a line that means nothing to us."""
        self.unread[what] = self.unread.get(what, 0) + 1


def open_feeds(stage: Stage) -> dict[Exchange, ReplayFeed]:
    """Make the feeds of the exchanges whose frames we can read."""
    floor_usd = stage.settings.app.public_trade_floor_usd
    return {
        Exchange.KALSHI: ReplayFeed(Exchange.KALSHI, stage.pool, stage.clock, floor_usd=floor_usd)
    }


async def open_monitor(stage: Stage, feeds: Mapping[Exchange, ReplayFeed]) -> MarketMonitor:
    """Make the market monitor with the rules that are in the database."""

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Conn]:
        async with stage.pool.acquire() as conn, conn.transaction():
            yield conn

    async with stage.pool.acquire() as conn:
        rules = await read_rules(conn)
    return MarketMonitor(
        rules, stage.pool, transaction, FeedDepths(feeds), began_at=stage.clock.now()
    )
