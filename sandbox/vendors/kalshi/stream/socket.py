"""One WebSocket connection, below uvicorn's HTTP protocol: frames out are written as they are.

An ASGI WebSocket has no pings with a body of our choice, no broken frames and no word about
the buffer; and it costs several times as much per message.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from sandbox.vendors.kalshi.stream.framing import frame
from sandbox.vendors.kalshi.stream.subscriptions import Subscription

GOING_AWAY, PONG_MISSED = 1001, 1011
_HEARTBEAT = b"heartbeat"
_COMMAND_BYTES = 1 << 20
_LINGER_S = 0.5


class Answer(Protocol):
    """What a socket needs of whoever serves it."""

    def open(self, socket: StreamSocket, request: Request) -> None:
        """Answer a handshake: accept it or refuse it, now or later."""

    def obey(self, socket: StreamSocket, text: bytes | None) -> None:
        """Carry out a command; None is a message that was not text."""

    def leave(self, socket: StreamSocket) -> None:
        """Forget a connection that is gone."""


class StreamSocket(asyncio.Protocol):
    """A connection, its subscriptions, and what waits to be written."""

    def __init__(self, service: Answer, state: ServerState, number: int) -> None:
        """Wait for the handshake; `number` tells connections apart."""
        self.number = number
        self.subscriptions: dict[int, Subscription] = {}
        self.last_sid = 0
        self.is_muted = False  # a black hole: neither reads nor writes
        self.buffered = 0  # bytes the client has not taken, as of the last flush
        self.opened_s = self.pinged_s = self.subscribed_s = 0.0
        self.unanswered = 0  # pings
        self._service, self._state = service, state
        self._ws = ServerProtocol(max_size=_COMMAND_BYTES)
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._parts: list[bytes] = []

    @property
    def is_open(self) -> bool:
        """Whether messages may be sent."""
        return self._ws.state is State.OPEN and self._transport is not None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection over."""
        self._transport = transport
        self._state.connections.add(self)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._transport = None
        self._state.connections.discard(self)
        self._service.leave(self)

    def data_received(self, data: bytes) -> None:
        """Take handshake, commands, pings, pongs and goodbyes."""
        if self.is_muted:
            return
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Request):
                self._service.open(self, event)
            elif isinstance(event, Frame):
                self._take(event)
        self.flush()

    def eof_received(self) -> None:
        """The client will send no more; the transport closes by itself."""
        self._ws.receive_eof()

    def _take(self, part: Frame) -> None:
        if part.opcode is Opcode.PONG:
            self.unanswered = 0
        elif part.opcode in (Opcode.TEXT, Opcode.CONT):
            self._parts.append(bytes(part.data))
            if part.fin:
                text, self._parts = b"".join(self._parts), []
                self._service.obey(self, text)
        elif part.opcode is Opcode.BINARY:
            self._service.obey(self, None)

    def accept(self, request: Request, now_s: float) -> bool:
        """Answer a handshake with 101, or 400 when it is none; say whether it is open."""
        self.opened_s = self.pinged_s = now_s
        self._ws.send_response(self._ws.accept(request))
        self.flush()
        return self.is_open

    def refuse(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Answer a handshake with an error."""
        response: Response = self._ws.reject(status, body.decode())
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        for name, value in headers.items():
            response.headers[name] = value
        self._ws.send_response(response)
        self.flush()

    def put(self, payload: bytes) -> None:
        """Queue a text message."""
        self._waiting.append(frame(payload))

    def put_raw(self, data: bytes) -> None:
        """Queue finished frames, right or wrong ones."""
        self._waiting.append(data)

    def flush(self) -> None:
        """Write what is queued, then what the protocol has to say."""
        transport = self._transport
        if transport is None or transport.is_closing() or self.is_muted:
            self._waiting.clear()
            return
        if self._waiting:
            transport.write(b"".join(self._waiting))
            self._waiting.clear()
        for data in self._ws.data_to_send():
            if data:
                transport.write(data)
            else:
                transport.close()
        self.buffered = transport.get_write_buffer_size()

    def ping(self, now_s: float) -> None:
        """Send the heartbeat."""
        self.pinged_s = now_s
        self.unanswered += 1
        self._ws.send_ping(_HEARTBEAT)

    def say_goodbye(self, code: int, reason: str = "") -> None:
        """Close with a close frame."""
        if self.is_open:
            self._ws.send_close(code, reason)
        self.flush()
        if self._transport is not None:  # a client may never answer
            asyncio.get_running_loop().call_later(_LINGER_S, self.cut)

    def cut(self) -> None:
        """Drop the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    def shutdown(self) -> None:
        """End with the server (called by uvicorn)."""
        self.is_muted = False
        self.say_goodbye(GOING_AWAY)
