"""Interleaved rounds: everyone runs once before anyone runs again."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bench.arena import Arena
from bench.contest import Contest, Path, Remarks, Scale
from bench.figures import Outcome, Round, conclude

_SAY_EVERY_S = 4.0

Say = Callable[[str], None]


async def run_path(path: Path, arena: Arena, scale: Scale, say: Say) -> Outcome:
    """Prepare a path, run its rounds, and conclude.

    Raises:
        BenchError: a contender's result is wrong; no figure of the path exists then.
    """
    async with spoken(f"{path.name}: preparing", say) as change, path.prepare(arena, scale) as on:
        rounds = []
        for number in range(1, scale.rounds + 1):
            change(f"{path.name}: round {number} of {scale.rounds}")
            rounds.append(await _round(on))
        change(f"{path.name}: last measurements")
        remarks = await on.finish() if on.finish else Remarks()
    return conclude(path, on.contenders, rounds, remarks, on.notes)


async def _round(contest: Contest) -> Round:
    figures = {}
    for contender in contest.contenders:
        gc.collect()
        figures[contender.name] = await contender.run()
    return figures


@asynccontextmanager
async def spoken(text: str, say: Say) -> AsyncIterator[Callable[[str], None]]:
    """Say what is under way, and again every few seconds; yield a way to change the text."""
    current = text

    def change(new: str) -> None:
        nonlocal current
        current = new
        say(new)

    async def repeat() -> None:
        while True:
            await asyncio.sleep(_SAY_EVERY_S)
            say(f"{current} (under way)")

    say(text)
    voice = asyncio.create_task(repeat())
    try:
        yield change
    finally:
        voice.cancel()
