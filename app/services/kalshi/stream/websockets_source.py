"""Frames by the `websockets` library, the default.

Its queue and its parser cost more than all we do with a message. So whole text messages,
nearly all there is, are cut from the stream of bytes before it sees them (`_cut`), and the
others go from its parser straight into our inbox (`process_event`).
"""

import contextlib
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException
from websockets.frames import BINARY, CONT, TEXT, Frame
from websockets.protocol import Event, State

from app.core.errors import OperatorError
from app.services.kalshi.stream.inbox import Inbox
from app.services.kalshi.stream.source import (
    GOING_AWAY,
    MESSAGE_TOO_BIG,
    ConnectionLost,
    HandshakeRefused,
    RawFrame,
    SocketLimits,
)

_PARTS = frozenset({TEXT, BINARY, CONT})
_WHOLE_TEXT = 0x80 | TEXT  # the first byte of a frame: FIN, no extension, text
_END_OF_HANDSHAKE = b"\r\n\r\n"


class _Socket(ClientConnection):
    """Counts what arrives and puts messages into the inbox.

    The library gets everything else frame by frame, so that between two calls it stands at
    the beginning of one.
    """

    def __init__(self, *arguments: Any, limits: SocketLimits, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.inbox = Inbox(limits, pause=self._pause, resume=self._resume)
        self.heard = 0
        self._frame_bytes = limits.frame_bytes
        self._is_cutting = False  # since the handshake, until something is not acceptable
        self._is_plain = False  # the library is open, and in no fragmented message
        self._tail = b""  # of what arrived: the beginning of a frame

    def data_received(self, data: bytes) -> None:
        self.heard += 1
        if self._is_cutting:
            self._cut(self._tail + data)
            return
        was_open = self._is_open
        self._give(data)
        if self._is_open and not was_open:
            self._is_cutting = data.endswith(_END_OF_HANDSHAKE)

    @property
    def _is_open(self) -> bool:
        return self.protocol.state is State.OPEN

    def _give(self, data: bytes) -> None:
        """Let the library do it."""
        super().data_received(data)
        self._is_plain = self._is_open and self.protocol.current_size is None

    def _cut(self, data: bytes) -> None:
        """Put whole text messages into the inbox and give every other frame to the library.

        What it has to refuse, too large or masked, it gets with all that follows.
        """
        at, end = 0, len(data)
        while end - at >= 2:
            size, begin = data[at + 1], at + 2
            if size == 126:
                begin = at + 4
                size = int.from_bytes(data[at + 2 : begin])
            elif size == 127:
                begin = at + 10
                size = int.from_bytes(data[at + 2 : begin])
            if size > self._frame_bytes or data[at + 1] > 127:
                self._is_cutting = False
                self._give(data[at:])
                return
            until = begin + size
            if until > end:
                break
            if data[at] == _WHOLE_TEXT and self._is_plain:
                if not self.inbox.put(data[begin:until]):
                    self.transport.abort()
                    return
            else:
                self._give(data[at:until])
            at = until
        self._tail = data[at:]

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame) and event.opcode is TEXT and event.fin:  # nearly always
            if not self.inbox.put(event.data):
                self.transport.abort()
        elif isinstance(event, Frame) and event.opcode in _PARTS:
            self._put_part(event)
        else:
            super().process_event(event)

    def _pause(self) -> None:
        self.transport.pause_reading()

    def _resume(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        sent, code = self.protocol.close_sent, self.protocol.close_code or 1006
        is_oversize = sent is not None and sent.code == MESSAGE_TOO_BIG
        reason = "message too big" if is_oversize else "closed by the other side or the network"
        self.inbox.end(ConnectionLost(reason, code=code, is_oversize=is_oversize))

    def _put_part(self, frame: Frame) -> None:
        has_room = self.inbox.put_part(
            frame.data,
            is_first=frame.opcode is not CONT,
            is_binary=frame.opcode is BINARY,
            is_last=frame.fin,
        )
        if not has_room:
            self.transport.abort()


class _Connect(connect):
    """The handshake, without redirects: another host has no use for our signature."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebsocketsConnection:
    """See `FrameConnection`."""

    def __init__(self, socket: _Socket) -> None:
        self._socket = socket

    @property
    def heard(self) -> int:
        return self._socket.heard

    @property
    def binary_frames(self) -> int:
        return self._socket.inbox.binary_frames

    async def receive(self) -> list[RawFrame]:
        return await self._socket.inbox.take()

    async def send(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except ConnectionClosed as error:
            raise ConnectionLost("closed while sending") from error

    async def ping(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._socket.ping()

    def abort(self) -> None:
        self._socket.transport.abort()

    async def close(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._socket.close(GOING_AWAY)


class WebsocketsSource:
    """See `FrameSource`."""

    def __init__(self, limits: SocketLimits | None = None) -> None:
        self._limits = limits or SocketLimits()

    async def connect(self, url: str, headers: Mapping[str, str]) -> WebsocketsConnection:
        """Open a connection; see `FrameSource.connect`.

        Raises:
            OperatorError: the URL is not one of a WebSocket.
        """
        try:
            socket = await self._open(url, headers)
        except InvalidURI as error:
            raise OperatorError(f"KALSHI_WS_URL is not a WebSocket's URL: {error.msg}.") from None
        except InvalidStatus as error:
            answer = error.response
            retry_after = answer.headers.get("Retry-After")
            raise HandshakeRefused(
                answer.status_code, bytes(answer.body or b""), retry_after
            ) from error
        except WebSocketException as error:
            raise OSError(f"no WebSocket handshake: {error}") from error
        return WebsocketsConnection(socket)

    async def _open(self, url: str, headers: Mapping[str, str]) -> _Socket:
        """Do the handshake; pings are ours (the client's clock decides), never the library's."""
        limits = self._limits
        socket = await _Connect(
            url,
            additional_headers=headers,
            user_agent_header="alpha-backend",
            compression=None,
            proxy=None,
            max_size=limits.frame_bytes,
            max_queue=None,
            ping_interval=None,
            ping_timeout=None,
            open_timeout=limits.connect_s,
            close_timeout=limits.close_s,
            create_connection=cast(type[ClientConnection], partial(_Socket, limits=limits)),
        )
        return cast(_Socket, socket)
