"""Rounds are interleaved, and a wrong result leaves no figure."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest

from bench.arena import Arena
from bench.contest import BenchError, Contender, Contest, Path, Remarks, Role, Scale
from bench.rounds import run_path

NO_ARENA = cast(Arena, None)


@dataclass
class Story:
    """What happened, in order."""

    events: list[str] = field(default_factory=list)

    def runner(self, name: str, rate: float) -> Callable[[], Awaitable[float]]:
        async def run() -> float:
            self.events.append(name)
            return rate

        return run

    def path(self, *contenders: Contender) -> Path:
        @asynccontextmanager
        async def prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
            self.events.append("open")
            yield Contest(list(contenders), self.finish)
            self.events.append("close")

        return Path("path", "rows/s", 2, 0.5, prepare)

    async def finish(self) -> Remarks:
        self.events.append("finish")
        return Remarks({"rows": 7})


async def test_everyone_runs_once_before_anyone_runs_again() -> None:
    story = Story()
    path = story.path(
        Contender(Role.LIMIT, "limit", story.runner("limit", 8)),
        Contender(Role.PEER, "peer", story.runner("peer", 2)),
        Contender(Role.OURS, "ours", story.runner("ours", 4)),
    )
    said: list[str] = []
    outcome = await run_path(path, NO_ARENA, Scale(is_quick=True, rounds=2), said.append)
    assert story.events == ["open", *["limit", "peer", "ours"] * 2, "finish", "close"]
    assert (outcome.rounds, outcome.verdict) == (2, "met")
    assert outcome.remarks.extra == {"rows": 7}
    assert said[:2] == ["path: preparing", "path: round 1 of 2"]


async def test_a_wrong_result_ends_the_path_and_closes_it() -> None:
    story = Story()

    async def wrong() -> float:
        raise BenchError("ours left 9 rows of 10")

    path = story.path(
        Contender(Role.LIMIT, "limit", story.runner("limit", 8)),
        Contender(Role.OURS, "ours", wrong),
    )
    with pytest.raises(BenchError, match="9 rows of 10"):
        await run_path(path, NO_ARENA, Scale(is_quick=True, rounds=2), lambda text: None)
    assert story.events == ["open", "limit"]


@pytest.mark.parametrize(("is_quick", "size"), [(True, 10), (False, 1_000)])
def test_a_scale_chooses_sizes(is_quick: bool, size: int) -> None:
    assert Scale(is_quick=is_quick, rounds=1).pick(full=1_000, quick=10) == size
