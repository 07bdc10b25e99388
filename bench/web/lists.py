"""The market list under load: cached, uncached, unchanged; the ORM route, hello, pgbench."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.arena import Arena
from bench.contest import Remarks, Scale
from bench.web.catalogue import PAGE, Place, compare_pages, find_places, prepare_catalogue
from bench.web.load import Answers, Load
from bench.web.pgbench import write_scripts
from bench.web.servers import Server, ask, serving
from bench.web.statement import overhear

_SCRIPTS = 4
_TOP = f"/v1/markets?limit={PAGE}"


@dataclass(slots=True)
class Lists:
    """Running servers over one catalogue, and how to load them.

    Attributes:
        last: answers of the latest round by who gave them.
    """

    url: str
    redis_url: str
    ours: Server
    orm: Server
    hello: Server
    places: Sequence[Place]
    seconds: float
    last: dict[str, Answers] = field(default_factory=dict)

    async def by_ours_uncached(self) -> float:
        """Ask our list for another page each time."""
        return await self._ask(self.ours, [place.our_path for place in self.places])

    async def by_ours_cached(self) -> float:
        """Ask our list for the first page again and again."""
        return await self._ask(self.ours, [_TOP])

    async def by_ours_unchanged(self) -> float:
        """The same by clients that have the page."""
        etag = await self.ours.get_etag(_TOP)
        return await self._ask(self.ours, [_TOP], header=f"If-None-Match: {etag}", status=304)

    async def by_orm(self) -> float:
        """Ask the ORM route for another page each time."""
        return await self._ask(self.orm, [place.orm_path for place in self.places])

    async def by_hello(self) -> float:
        """Ask for a greeting."""
        return await self._ask(self.hello, ["/hello"])

    async def report(self) -> Remarks:
        """Report latencies, and how fast the load generator is when nothing holds it up."""
        async with serving("bench.web.fixed", "fixed", {}) as fixed:
            ceiling = await self._ask(fixed, ["/"])
        answers = self.last["ours"]
        return Remarks(
            {
                "p50_ms": answers.p50_ms,
                "p99_ms": answers.p99_ms,
                "mean_bytes": answers.mean_bytes,
                "load_generator_ceiling": ceiling,
            }
        )

    async def _ask(
        self, server: Server, paths: list[str], *, header: str = "", status: int = 200
    ) -> float:
        load = Load(server.port, paths, header, seconds=self.seconds)
        self.last[server.name] = await ask(load, status=status)
        return self.last[server.name].rate


async def open_lists(arena: Arena, scale: Scale) -> Lists:
    """Return the lists of this run; the first who asks waits until they stand.

    Raises:
        BenchError: our list and the ORM route do not say the same.
    """
    return await arena.share("lists", _started(arena, scale))


@asynccontextmanager
async def _started(arena: Arena, scale: Scale) -> AsyncIterator[Lists]:
    markets = scale.pick(full=200_000, quick=10_000)
    url = await prepare_catalogue(arena, markets)
    environ = {"DATABASE_URL": url, "REDIS_URL": arena.redis_url}
    async with AsyncExitStack() as stack:
        servers = [serving("bench.web.serve", name, environ) for name in ("ours", "orm", "hello")]
        ours, orm, hello = await asyncio.gather(*map(stack.enter_async_context, servers))
        places = await find_places(ours, markets, scale.pick(full=1_900, quick=700))
        await compare_pages(ours, orm, places)
        yield Lists(
            url, arena.redis_url, ours, orm, hello, places, seconds=scale.pick(full=4, quick=1)
        )


@asynccontextmanager
async def pgbench_scripts(lists: Lists) -> AsyncIterator[list[str]]:
    """Write the SQL of some of our pages to files."""
    step = max(1, len(lists.places) // _SCRIPTS)
    paths = [place.our_path for place in lists.places[::step]]
    statements = await overhear(lists.url, lists.redis_url, paths)
    with tempfile.TemporaryDirectory(prefix="alpha-bench-") as folder:
        yield write_scripts(Path(folder), statements)
