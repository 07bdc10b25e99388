"""What the stream client needs of a WebSocket library; one file per library fits it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

RawFrame = bytes | bytearray | memoryview

GOING_AWAY = 1001
MESSAGE_TOO_BIG = 1009


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """What one connection may use.

    Attributes:
        frame_bytes: a longer message ends the connection (1009).
        pause_bytes: received and not taken yet, at which reading pauses.
        waiting_bytes: the same, at which the connection ends.
        connect_s: until the handshake is done.
        close_s: for the closing handshake; after that the line is cut.
    """

    frame_bytes: int = 4 * 1024 * 1024
    pause_bytes: int = 8 * 1024 * 1024
    waiting_bytes: int = 64 * 1024 * 1024
    connect_s: float = 10
    close_s: float = 0.8


class ConnectionLost(Exception):
    """The connection is gone.

    Attributes:
        code: WebSocket close code; 1006 = without a closing handshake.
        is_oversize: we ended it because of a message over the limit.
    """

    def __init__(self, reason: str, *, code: int = 1006, is_oversize: bool = False) -> None:
        super().__init__(f"{reason} ({code})")
        self.code = code
        self.is_oversize = is_oversize


class HandshakeRefused(Exception):
    """The server answered the handshake with something else than 101."""

    def __init__(self, status: int, body: bytes, retry_after: str | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.retry_after = retry_after


class FrameConnection(Protocol):
    """One open connection."""

    @property
    def heard(self) -> int:
        """A number that grows with whatever arrives, pings and pongs included."""

    @property
    def binary_frames(self) -> int:
        """Binary messages, which are counted and dropped."""

    async def receive(self) -> list[RawFrame]:
        """Wait for text messages; return all that have arrived, in their order.

        Raises:
            ConnectionLost: after the last of them.
        """

    async def send(self, text: str) -> None:
        """Send a text message.

        Raises:
            ConnectionLost: it cannot be sent any more.
        """

    async def ping(self) -> None:
        """Ask for a sign of life, and do not wait for it; the pong is heard."""

    def abort(self) -> None:
        """Cut the line, without a goodbye no one would hear."""

    async def close(self) -> None:
        """Say goodbye (1001) and release the socket, within `SocketLimits.close_s`."""


class FrameSource(Protocol):
    """A WebSocket library."""

    async def connect(self, url: str, headers: Mapping[str, str]) -> FrameConnection:
        """Open a connection without proxy, compression or redirects (headers are signed).

        Raises:
            HandshakeRefused: the server said no.
            OSError, TimeoutError: it could not be reached, or does not speak WebSocket.
        """
