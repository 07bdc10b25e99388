"""`/_people`: who holds and follows what, in pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import SandboxClock
from sandbox.people.crowd import Crowd
from sandbox.world.world import World

_PAGE, _PAGE_TOP = 1_000, 5_000


class PeopleRoutes:
    """Tells who there is."""

    def __init__(self, crowd: Crowd, world: World, clock: SandboxClock) -> None:
        """Show a crowd."""
        self._crowd, self._world, self._clock = crowd, world, clock
        self._numbers: dict[str, int] = {}

    def routes(self) -> list[BaseRoute]:
        """Return the route."""
        return [Route("/_people", self.read, methods=["GET"])]

    async def read(self, request: Request) -> Response:
        """GET /_people?limit=1000&after=ID: `after` of the answer is empty on the last page."""
        query, crowd = request.query_params, self._crowd
        limit, after = query.get("limit", str(_PAGE)), query.get("after", "")
        if not limit.isdecimal() or not 0 < int(limit) <= _PAGE_TOP:
            return JSONResponse({"detail": f"limit must be 1 to {_PAGE_TOP}"}, 400)
        first = self._number(after) + 1 if after else 0
        if after and not first:
            return JSONResponse({"detail": "nobody has that id"}, 404)
        self._world.advance(self._clock.now_us())
        end = min(first + int(limit), len(crowd))
        people = [crowd.today(crowd.person(number)).describe() for number in range(first, end)]
        more = crowd.id_of(end - 1) if first < end < len(crowd) else ""
        return JSONResponse({"people": people, "after": more})

    def _number(self, person_id: str) -> int:
        """Return the place of somebody, -1 when there is nobody."""
        if not self._numbers:
            self._numbers = {self._crowd.id_of(n): n for n in range(len(self._crowd))}
        return self._numbers.get(person_id, -1)
