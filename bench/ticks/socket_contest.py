"""The contest over a socket, for whichever library ours receives with."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bench.arena import Arena
from bench.contest import Contender, Contest, Remarks, Role, Scale
from bench.interpreter import VARIABLE, find_interpreter
from bench.ticks.over_socket import OverSocket
from bench.ticks.peers import CRYPTOFEED, PeerLoad, run_cryptofeed
from bench.ticks.product import open_stage
from bench.ticks.tape import make_tape
from bench.web.servers import serving

_NO_GROUPS = 1_000_000_000


@asynccontextmanager
async def prepare_socket(
    arena: Arena, scale: Scale, *, library: str, has_peer: bool
) -> AsyncIterator[Contest]:
    """Start the flood and yield the contest.

    Args:
        library: `websockets` or `picows`.
        has_peer: whether cryptofeed takes part, where it is installed.
    """
    frames = scale.pick(full=200_000, quick=30_000)
    tape = make_tape(frames, group=_NO_GROUPS)
    interpreter = await find_interpreter(*CRYPTOFEED) if has_peer else None
    gc.freeze()  # the tape is the harness's: nobody's collector has to walk it
    try:
        async with (
            open_stage(arena) as stage,
            serving("bench.ticks.flood", str(frames), {}) as server,
        ):
            race = OverSocket(stage, tape, server.port, library)
            contenders = [
                Contender(Role.LIMIT, "websockets, receive only", race.by_receiving),
                Contender(Role.OURS, f"KalshiStream by {library}", race.by_ours),
            ]
            notes = [f"{frames:,} frames as fast as each takes them, from connecting on"]
            if interpreter is not None:
                sample = scale.pick(full=40_000, quick=5_000)
                load = PeerLoad(interpreter, race.url, sample, arena.redis_url)
                cryptofeed = partial(run_cryptofeed, load, stage.redis)
                contenders.insert(1, Contender(Role.PEER, "cryptofeed TickerStream", cryptofeed))
                notes.append(f"cryptofeed gets {sample:,} frames, in a process of its own")
            elif has_peer:
                notes.append(f"cryptofeed is skipped: {VARIABLE} names no interpreter with it")

            async def report() -> Remarks:
                return Remarks({"frames": frames})

            yield Contest(contenders, report, notes)
    finally:
        gc.unfreeze()
