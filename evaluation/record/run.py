"""One recording, from an empty folder to a finished one."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.core.clock import Clock
from app.core.config import Settings
from app.core.errors import OperatorError, first_of
from evaluation.record.kalshi import KalshiRecorder
from evaluation.recording.writer import RecordingWriter

FLUSH_S = 1.0  # what a kill may cost
_SAY_EVERY = 5

Say = Callable[[str], None]


async def record(
    folder: Path, settings: Settings, clock: Clock, *, for_s: float, note: str, say: Say
) -> dict[str, Any]:
    """Record for a while, or until SIGINT or SIGTERM.

    Args:
        for_s: seconds; 0 = until told to stop.

    Returns:
        What was written: `folder`, `seconds`, `frames`, `answers`, `markets`.

    Raises:
        OperatorError: the folder cannot be written, or nothing was sent to us.
        SourceRefused: the exchange does not take our key.
    """
    began_at = clock.now()
    writer = RecordingWriter(folder, began_at=began_at, note=note)
    recorder = KalshiRecorder(settings.kalshi, clock, writer)
    try:
        try:
            await _until_over(recorder, writer, clock, for_s=for_s, say=say)
        finally:
            await recorder.close()
            recorder.write_catalogue()
            writer.finish(ended_at=clock.now())
    except OSError as error:
        raise OperatorError(
            f"{folder} cannot be written: {error.strerror}. What is in it can be replayed."
        ) from error
    if not writer.frames and not writer.answers:
        writer.discard()
        raise OperatorError("Nothing was recorded: the exchange did not answer.")
    return {
        "folder": str(folder),
        "seconds": round((clock.now() - began_at).total_seconds(), 1),
        "frames": writer.frames,
        "answers": writer.answers,
        "markets": recorder.market_count,
    }


async def _until_over(
    recorder: KalshiRecorder, writer: RecordingWriter, clock: Clock, *, for_s: float, say: Say
) -> None:
    over = _stopped_by_signals()
    try:
        async with asyncio.timeout(for_s or None), asyncio.TaskGroup() as tasks:
            tasks.create_task(recorder.listen())
            tasks.create_task(recorder.ask())
            tasks.create_task(_flush(writer, clock, say))
            tasks.create_task(_stop_when(over))
    except TimeoutError:
        return
    except BaseExceptionGroup as failed:
        with suppress(_Stopped):
            raise first_of(failed) from None


class _Stopped(Exception):
    """Somebody asked for the end."""


async def _stop_when(over: asyncio.Event) -> None:
    await over.wait()
    raise _Stopped


def _stopped_by_signals() -> asyncio.Event:
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    return over


async def _flush(writer: RecordingWriter, clock: Clock, say: Say) -> None:
    turns = 0
    while True:
        await clock.sleep(FLUSH_S)
        writer.flush()
        turns += 1
        if turns % _SAY_EVERY == 0:
            say(f"{writer.frames} frames, {writer.answers} answers")
