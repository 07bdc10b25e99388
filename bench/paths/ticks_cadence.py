"""2,000 markets at one frame a second: what the firehose costs when nothing is in a hurry."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.arena import Arena
from bench.contest import Contender, Contest, Path, Remarks, Role, Scale
from bench.ticks.cadence import open_cadence

_MARKETS = 2_000


@asynccontextmanager
async def _prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    window_s = scale.pick(full=30, quick=10) / scale.rounds
    async with open_cadence(arena, _MARKETS, window_s) as cadence:
        contest = Contest(
            [
                Contender(Role.LIMIT, "websockets, receive only", cadence.by_listening),
                Contender(Role.OURS, "alpha stream", cadence.by_ours),
            ],
            notes=[f"{_MARKETS:,} frames/s; rates are frames per CPU second of each process"],
        )

        async def report() -> Remarks:
            return cadence.report(contest)

        contest.finish = report
        yield contest


TICKS_CADENCE = Path("ticks_cadence", "frames/CPU s", None, None, _prepare)
