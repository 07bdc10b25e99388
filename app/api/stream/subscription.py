"""One client of the stream: what it watches, what it lacks, and whether it reads."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

from starlette.types import Send

from app.api.stream.encode import FAREWELL
from app.api.stream.quote import Quote
from app.domain.types import Exchange

Step = Generator[Any, Any, None]
Abort = Callable[[], Any]

_PATIENCE_S = 1.0


class Subscription:
    """A client's markets, and at most one write to its socket at a time.

    Attributes:
        pending: markets that changed since it was last written to.
        feeds: exchanges whose feed changed since.
        needs_snapshot: something may have been missed, so it gets everything next.
        wrote_s: when a write last began (monotonic seconds).
    """

    __slots__ = (
        "_abort",
        "_is_done",
        "_send",
        "_writing",
        "feeds",
        "is_ended",
        "needs_snapshot",
        "pending",
        "quotes",
        "wrote_s",
    )

    def __init__(self, quotes: Sequence[Quote], send: Send, abort: Abort) -> None:
        self.quotes = quotes
        self.pending: dict[Quote, None] = {}
        self.feeds: set[Exchange] = set()
        self.needs_snapshot = False
        self.is_ended = False
        self.wrote_s = 0.0
        self._send = send
        self._abort = abort
        self._is_done = False  # the last of the stream is written, or nobody is there
        self._writing: asyncio.Task[None] | None = None

    @property
    def is_writing(self) -> bool:
        """Whether its socket has not taken the last write yet."""
        return self._writing is not None

    def write(self, chunk: bytes, *, now_s: float, is_last: bool = False) -> None:
        """Begin to send a chunk; nothing else may be under way."""
        self.wrote_s = now_s
        self._is_done = is_last
        message = {"type": "http.response.body", "body": chunk, "more_body": not is_last}
        step = self._send(message).__await__()
        try:
            waits_for = next(step)
        except StopIteration:
            return  # the usual case: the socket had room, and no task had to be made
        except (OSError, RuntimeError):  # how servers refuse to write
            self.break_off()
            return
        self._writing = asyncio.create_task(_finish(step, waits_for))
        self._writing.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing = None
        has_failed = task.cancelled() or task.exception() is not None
        if self._is_done:
            return
        if has_failed:
            self.break_off()
        elif self.is_ended:
            self.write(FAREWELL, now_s=self.wrote_s, is_last=True)

    def end(self, *, now_s: float) -> None:
        """Say good-bye, after what is under way; a client that does not read is broken off."""
        if self.is_writing and now_s - self.wrote_s > _PATIENCE_S:
            self.break_off()
        elif not self.is_ended:
            self.is_ended = True
            if not self.is_writing:
                self.write(FAREWELL, now_s=now_s, is_last=True)

    def stop(self) -> None:
        """Write no more: the connection is gone."""
        self.is_ended = self._is_done = True
        if self._writing is not None:
            self._writing.cancel()

    def break_off(self) -> None:
        """Close the connection without waiting for what it still has to take."""
        self.stop()
        self._abort()


async def _finish(step: Step, waits_for: Any) -> None:
    """Go on with a write that has to wait, as the loop would have."""
    await _Rest(step, waits_for)


class _Rest:
    """What is left of an awaitable that has been started by hand."""

    def __init__(self, step: Step, waits_for: Any) -> None:
        self._step = step
        self._waits_for = waits_for

    def __await__(self) -> Step:
        with closing(self._step):
            yield self._waits_for
            yield from self._step
