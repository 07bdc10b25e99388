"""Redis by bare bytes: nothing between us and the socket."""

import socket
from types import TracebackType
from urllib.parse import unquote, urlsplit

from bench.contest import BenchError

_CHUNK = 1 << 16


class RawRedis:
    """A blocking connection that sends packed commands and counts their replies."""

    def __init__(self, url: str) -> None:
        """Connect.

        Args:
            url: `unix://` or `redis://`, as the arena gives it.
        """
        parts = urlsplit(url)
        if parts.scheme == "unix":
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(unquote(parts.path))
        else:
            self._socket = socket.create_connection((parts.hostname or "", parts.port or 6379))
        self._awaited = 0
        if parts.password:
            secret = unquote(parts.password)
            self.send(f"*2\r\n$4\r\nAUTH\r\n${len(secret)}\r\n{secret}\r\n".encode(), 1)
            self.await_replies()

    def __enter__(self) -> "RawRedis":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, packed: bytes, commands: int) -> None:
        """Send commands whose replies are one line each."""
        self._socket.sendall(packed)
        self._awaited += commands

    def await_replies(self) -> None:
        """Wait for every reply.

        Raises:
            BenchError: one of them is an error, or the line is gone.
        """
        while self._awaited > 0:
            received = self._socket.recv(_CHUNK)
            if not received or b"-" in received:
                raise BenchError(f"Redis answered {received[:80]!r}.")
            self._awaited -= received.count(b"\n")
