"""A page of the market list that somebody asked for within the second."""

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
            Contender(Role.PEER, "ORM, selectinload, response_model", lists.by_orm),
            Contender(Role.OURS, "GET /v1/markets", lists.by_ours_cached),
        ],
        lists.report,
    )


LIST_CACHED = Path("list_cached", "requests/s", None, 0.80, _prepare)
