"""A page of the market list asked for by clients that have it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.arena import Arena
from bench.contest import Contender, Contest, Path, Role, Scale
from bench.web.lists import open_lists


@asynccontextmanager
async def _prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    lists = await open_lists(arena, scale)
    yield Contest(
        [
            Contender(Role.LIMIT, "FastAPI hello behind our middleware", lists.by_hello),
            Contender(Role.OURS, "GET /v1/markets, If-None-Match", lists.by_ours_unchanged),
        ],
        lists.report,
    )


LIST_304 = Path("list_304", "requests/s", None, 0.80, _prepare)
