"""Frames in memory until Redis has them: reading, folding, writing."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.arena import Arena
from bench.contest import Contender, Contest, Path, Remarks, Role, Scale
from bench.ticks.in_process import InProcess
from bench.ticks.product import open_stage
from bench.ticks.tape import make_tape

_FLUSHED_TOGETHER = 10_000  # frames of 100 ms at the rate that the path itself reaches


@asynccontextmanager
async def _prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    tape = make_tape(scale.pick(full=200_000, quick=30_000), group=_FLUSHED_TOGETHER)
    sample = make_tape(scale.pick(full=5_000, quick=1_000), group=_FLUSHED_TOGETHER)
    gc.freeze()  # the tape is the harness's: nobody's collector has to walk it

    async def report() -> Remarks:
        return Remarks({"frames": len(tape.frames), "share_left": tape.share_left})

    try:
        async with open_stage(arena) as stage:
            race = InProcess(stage, arena.redis_url, tape, sample)
            yield Contest(
                [
                    Contender(Role.LIMIT, "msgspec and packed HSETs", race.by_limit),
                    Contender(
                        *(Role.LIMIT, "the limit, parsing while Redis works", race.by_limit_ahead),
                        is_extra=True,
                    ),
                    Contender(Role.PEER, "json.loads and await hset", race.by_naive),
                    Contender(Role.OURS, "FrameReader, FoldBook, TickFlusher", race.by_ours),
                ],
                report,
                [
                    f"{len(tape.frames):,} frames, a flush every {_FLUSHED_TOGETHER:,}; the limit"
                    f" writes the {tape.share_left:.1%} that are left when each flush keeps one"
                    f" per market; the peer gets {len(sample.frames):,} frames"
                ],
            )
    finally:
        gc.unfreeze()


TICKS_IN_PROCESS = Path("ticks_in_process", "frames/s", 60, 0.60, _prepare)
