"""Frames that were received and not taken yet: the bounded place between socket and decoder."""

import asyncio
from collections.abc import Callable

from app.services.kalshi.stream.source import (
    MESSAGE_TOO_BIG,
    ConnectionLost,
    RawFrame,
    SocketLimits,
)

_FRAME_BYTES = 100  # what the object around a message costs


class Inbox:
    """A list with one writer (the socket's callback), one reader, and limits.

    Attributes:
        binary_frames: messages that were not text, counted and dropped.
    """

    def __init__(
        self, limits: SocketLimits, *, pause: Callable[[], None], resume: Callable[[], None]
    ) -> None:
        """Begin empty.

        Args:
            pause, resume: stop and start reading from the socket.
        """
        self.binary_frames = 0
        self._limits = limits
        self._pause = pause
        self._resume = resume
        self._is_paused = False
        self._room = limits.pause_bytes
        self._frames: list[RawFrame] = []
        self._parts: list[RawFrame] = []
        self._parts_bytes = 0
        self._is_binary = False
        self._lost: ConnectionLost | None = None
        self._waiter: asyncio.Future[None] | None = None

    def put(self, frame: RawFrame) -> bool:
        """Add a text message; False = it was taken, but the connection must end now."""
        self._frames.append(frame)
        self._room -= len(frame) + _FRAME_BYTES
        if self._waiter is not None:
            self._wake()
        return True if self._room > 0 else self._slow_down()

    def _slow_down(self) -> bool:
        if not self._is_paused:
            self._is_paused = True
            self._pause()
        if self._limits.pause_bytes - self._room <= self._limits.waiting_bytes:
            return True
        self.end(ConnectionLost("more frames wait than we can hold"))
        return False

    def put_part(self, part: RawFrame, *, is_first: bool, is_binary: bool, is_last: bool) -> bool:
        """Add a fragment, or a whole message that may be binary; False as with `put`."""
        if is_first:
            self._parts, self._parts_bytes, self._is_binary = [], 0, is_binary
        if len(part):
            self._parts.append(part)
            self._parts_bytes += len(part)
        if self._parts_bytes > self._limits.frame_bytes:
            self.end(ConnectionLost("message too big", code=MESSAGE_TOO_BIG, is_oversize=True))
            return False
        if not is_last:
            return True
        whole, self._parts = b"".join(self._parts), []
        if not self._is_binary:
            return self.put(whole)
        self.binary_frames += 1
        return True

    def end(self, lost: ConnectionLost) -> None:
        """Say that nothing will follow; the first reason stays."""
        if self._lost is None:
            self._lost = lost
        self._wake()

    async def take(self) -> list[RawFrame]:
        """Wait for messages and take all of them.

        Raises:
            ConnectionLost: there are none left, and none will follow.
        """
        while not self._frames:
            if self._lost is not None:
                raise self._lost
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        taken, self._frames = self._frames, []
        self._room = self._limits.pause_bytes
        if self._is_paused:
            self._is_paused = False
            self._resume()
        return taken

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
