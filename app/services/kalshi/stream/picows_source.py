"""Frames by the `picows` library, an optional extra that receives several times faster.

Import this module only when it was asked for (`open_source`).
"""

import asyncio
import contextlib
from collections.abc import Mapping

import picows
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from app.core.errors import OperatorError
from app.services.kalshi.stream.inbox import Inbox
from app.services.kalshi.stream.source import (
    MESSAGE_TOO_BIG,
    ConnectionLost,
    HandshakeRefused,
    RawFrame,
    SocketLimits,
)

_TEXT, _BINARY, _PART = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION


class _Listener(WSListener):
    """Counts what arrives and puts messages into the inbox."""

    def __init__(self, limits: SocketLimits) -> None:
        self.inbox = Inbox(limits, pause=self._pause, resume=self._resume)
        self.heard = 0
        self._socket: asyncio.Transport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._socket = transport.underlying_transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self.heard += 1
        kind = frame.msg_type
        if kind == _TEXT and frame.fin:
            if not self.inbox.put(frame.get_payload_as_bytes()):
                transport.disconnect(graceful=False)
        else:
            self._take_other(transport, frame, kind)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        handshake = transport.close_handshake
        sent = handshake.sent if handshake is not None else None
        got = handshake.recv if handshake is not None else None
        is_oversize = sent is not None and int(sent.code.value) == MESSAGE_TOO_BIG
        code = 1006 if got is None else int(got.code.value)
        reason = "message too big" if is_oversize else "closed by the other side or the network"
        self.inbox.end(ConnectionLost(reason, code=code, is_oversize=is_oversize))

    def _pause(self) -> None:
        if self._socket is not None:
            self._socket.pause_reading()

    def _resume(self) -> None:
        if self._socket is not None and not self._socket.is_closing():
            self._socket.resume_reading()

    def _take_other(self, transport: WSTransport, frame: WSFrame, kind: WSMsgType) -> None:
        if kind == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif kind == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif kind in (_TEXT, _BINARY, _PART):
            has_room = self.inbox.put_part(
                frame.get_payload_as_bytes(),
                is_first=kind != _PART,
                is_binary=kind == _BINARY,
                is_last=frame.fin,
            )
            if not has_room:
                transport.disconnect(graceful=False)


class PicowsConnection:
    """See `FrameConnection`."""

    def __init__(self, transport: WSTransport, listener: _Listener, close_s: float) -> None:
        self._transport = transport
        self._listener = listener
        self._close_s = close_s

    @property
    def heard(self) -> int:
        return self._listener.heard

    @property
    def binary_frames(self) -> int:
        return self._listener.inbox.binary_frames

    async def receive(self) -> list[RawFrame]:
        return await self._listener.inbox.take()

    async def send(self, text: str) -> None:
        if self._transport.is_disconnected or self._transport.is_close_frame_sent:
            raise ConnectionLost("closed while sending")
        self._transport.send(_TEXT, text.encode())

    async def ping(self) -> None:
        self._transport.send_ping()

    def abort(self) -> None:
        self._transport.disconnect(graceful=False)

    async def close(self) -> None:
        self._transport.send_close(WSCloseCode.GOING_AWAY)
        try:
            async with asyncio.timeout(self._close_s):
                await self._gone()
        except TimeoutError:
            self._transport.disconnect(graceful=False)
            await self._gone()

    async def _gone(self) -> None:
        with contextlib.suppress(picows.WSError, OSError):  # it tells what broke the line
            await self._transport.wait_disconnected()


class PicowsSource:
    """See `FrameSource`."""

    def __init__(self, limits: SocketLimits | None = None) -> None:
        self._limits = limits or SocketLimits()

    async def connect(self, url: str, headers: Mapping[str, str]) -> PicowsConnection:
        """Open a connection; see `FrameSource.connect`.

        Raises:
            OperatorError: the URL is not one of a WebSocket.
        """
        limits = self._limits
        listener = _Listener(limits)
        try:
            async with asyncio.timeout(limits.connect_s):
                transport, _ = await picows.ws_connect(
                    lambda *_: listener,
                    url,
                    extra_headers=headers,
                    enable_auto_pong=False,
                    max_frame_size=limits.frame_bytes,
                    max_redirects=0,
                    proxy=None,
                    websocket_handshake_timeout=limits.connect_s,
                )
        except picows.WSInvalidURL as error:
            raise OperatorError("KALSHI_WS_URL is not a WebSocket's URL.") from error
        except picows.WSHandshakeError as error:
            raise _refusal(error) from error
        return PicowsConnection(transport, listener, limits.close_s)


def _refusal(error: picows.WSHandshakeError) -> Exception:
    answer = error.response
    if answer is None or answer.status == 101:
        return OSError(f"no WebSocket handshake: {error}")
    return HandshakeRefused(
        int(answer.status), error.raw_body or b"", answer.headers.get("Retry-After")
    )
