"""The catalogue that the list routes read, and places in it to start a page from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec

from app.domain import freshness
from app.domain.types import Exchange
from app.store.cron_runs import finish_run, start_run
from app.store.feeds import set_feed_state
from bench.arena import Arena, Database
from bench.contest import BenchError
from bench.sync.load import settle
from bench.sync.product import full_sync
from bench.web.servers import Server

PAGE = 100
_COMPARED = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: our cursor, and the rank and id that it stands for."""

    cursor: str
    rank: str
    after: str

    @property
    def our_path(self) -> str:
        """The page from here, of our route."""
        return f"/v1/markets?{urlencode({'limit': PAGE, 'cursor': self.cursor})}"

    @property
    def orm_path(self) -> str:
        """The same page of the ORM route."""
        query = {"limit": PAGE, "rank": self.rank, "after": self.after}
        return f"/markets?{urlencode(query)}"


async def prepare_catalogue(arena: Arena, markets: int, *, name: str = "lists") -> str:
    """Fill the database `name` as a full sync leaves it; return its URL."""
    async with arena.database(name) as database:
        await full_sync(database, markets)
        await _record_sync(database)
        await settle(database)
        return database.url


async def _record_sync(database: Database) -> None:
    now = datetime.now(UTC)
    name = freshness.full_sync(Exchange.KALSHI)
    run = await start_run(database.conn, name, scheduled_for=now, holder="bench", now=now)
    if run is not None:
        await finish_run(database.conn, run, outcome="done", now=now)
    feed = freshness.catalogue_feed(Exchange.KALSHI)
    await set_feed_state(database.conn, feed, "live", now=now, as_of=now)


async def find_places(server: Server, markets: int, count: int) -> list[Place]:
    """Walk through our list and note where a page may start, evenly spread."""
    places: list[Place] = []
    query = {"limit": str(min(PAGE, max(1, (markets - PAGE) // count)))}
    while len(places) < count:
        page = msgspec.json.decode(await server.get(f"/v1/markets?{urlencode(query)}"))
        last = page["markets"][-1]
        places.append(Place(page["cursor"], last["quote"]["volume_24h"], last["id"]))
        query["cursor"] = page["cursor"]
    return places


async def compare_pages(server: Server, peer: Server, places: Sequence[Place]) -> None:
    """Compare some pages of our list with the ORM route's, as parsed JSON.

    Raises:
        BenchError: a market differs in anything.
    """
    for place in places[:: max(1, len(places) // _COMPARED)]:
        here = msgspec.json.decode(await server.get(place.our_path))["markets"]
        there = msgspec.json.decode(await peer.get(place.orm_path))["markets"]
        if len(here) != PAGE or here != there:
            raise BenchError(f"Our list and the ORM route disagree behind {place.after}.")
