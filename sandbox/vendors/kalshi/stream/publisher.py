"""Sends a message to whoever subscribed to it, through the faults."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.faults.knobs import Faults
from sandbox.stats import Stats
from sandbox.vendors.kalshi.stream.framing import frame
from sandbox.vendors.kalshi.stream.messages import Message
from sandbox.vendors.kalshi.stream.refusals import TEXTS
from sandbox.vendors.kalshi.stream.sent import SentLog
from sandbox.vendors.kalshi.stream.socket import StreamSocket
from sandbox.vendors.kalshi.stream.spoil import BROKEN, HARMLESS, absurd, has_price
from sandbox.vendors.kalshi.stream.subscriptions import Subscription

BUFFER_BYTES = 8 << 20  # of a connection; a client that leaves more unread gets code 25
Follower = tuple[StreamSocket, Subscription]


class Publisher:
    """Knows who follows what; every message of data goes through `publish`."""

    def __init__(self, faults: Faults, stats: Stats) -> None:
        """Begin with nobody."""
        self.log = SentLog()
        self.now_ms = 0  # virtual clock, set before every round
        self._faults, self._stats = faults, stats
        self._followers: dict[str, tuple[Follower, ...]] = {}

    def followers(self, channel: str) -> tuple[Follower, ...]:
        """Return the subscriptions of a channel."""
        return self._followers.get(channel, ())

    def has_followers(self) -> bool:
        """Say whether anybody is subscribed to anything."""
        return any(self._followers.values())

    def join(self, socket: StreamSocket, sub: Subscription) -> None:
        """Begin to send a subscription its messages."""
        self._followers[sub.channel] = (*self.followers(sub.channel), (socket, sub))

    def part(self, socket: StreamSocket, sub: Subscription) -> None:
        """Stop."""
        socket.subscriptions.pop(sub.sid, None)
        kept = tuple(f for f in self.followers(sub.channel) if f[1] is not sub)
        self._followers[sub.channel] = kept

    def part_all(self, socket: StreamSocket) -> None:
        """Stop sending to a connection."""
        for sub in list(socket.subscriptions.values()):
            self.part(socket, sub)

    def publish(self, message: Message) -> int:
        """Send a message to everybody who wants it; return to how many."""
        count = 0
        for socket, sub in self.followers(message.channel):
            if sub.tickers is None or message.ticker in sub.tickers:
                self.send(socket, sub, message)
                count += 1
        return count

    def publish_all(self, messages: Iterable[Message]) -> None:
        """Send several."""
        for message in messages:
            self.publish(message)

    def send(self, socket: StreamSocket, sub: Subscription, message: Message) -> None:
        """Send a message to one subscription."""
        if socket.buffered > BUFFER_BYTES:
            self.end(socket, sub, 25)
            return
        number = b',"seq":%d' % sub.next_seq() if sub.is_sequenced else b""
        payload = b'{"type":"%b","sending_ts_ms":%d,"sid":%d%b,"msg":%b}' % (
            message.kind.encode(),
            self.now_ms,
            sub.sid,
            number,
            message.body,
        )
        fault = ""
        if socket.is_muted:
            fault = "ws_black_hole"
        elif self._faults.spoils_frames():
            fault = self._spoil(socket, sub, message, payload)
        else:
            socket.put_raw(frame(payload))
        self.log.note(message.kind, message.ticker, message.note, fault)

    def _spoil(
        self, socket: StreamSocket, sub: Subscription, message: Message, payload: bytes
    ) -> str:
        """Send a message as the knobs will have it; return the fault that consumed it."""
        held, sub.held = sub.held, None
        fault = self._gap(sub)
        if not fault:
            fault = self._send_spoiled(socket, sub, message.kind, payload)
        if held is not None:
            socket.put_raw(held)
        return fault

    def _send_spoiled(
        self, socket: StreamSocket, sub: Subscription, kind: str, payload: bytes
    ) -> str:
        for name, broken in BROKEN.items():
            if self._fires(name, sub.channel):
                socket.put_raw(broken(payload))
                return name
        knob = self._faults.active("ws_absurd_prices")
        if knob is not None and has_price(kind) and self._fires("ws_absurd_prices", sub.channel):
            socket.put_raw(absurd(payload, knob))
            return "ws_absurd_prices"
        if self._fires("ws_reorder", sub.channel):
            sub.held = frame(payload)
            return ""
        for name, changed in HARMLESS.items():
            if self._fires(name, sub.channel):
                socket.put_raw(changed(payload))
                return ""
        socket.put_raw(frame(payload))
        return ""

    def _gap(self, sub: Subscription) -> str:
        """Leave a message out; a ticker, which has no number, only when asked for by name."""
        knob = self._faults.active("ws_gap")
        if knob is None or not (sub.is_sequenced or knob.route == sub.channel):
            return ""
        return "ws_gap" if self._fires("ws_gap", sub.channel) else ""

    def _fires(self, name: str, channel: str) -> bool:
        if self._faults.active(name) is None or self._faults.fires(name, channel) is None:
            return False
        self._stats.faults[name] += 1
        return True

    def release_held(self, socket: StreamSocket) -> None:
        """Send what waits for a successor that does not come."""
        for sub in socket.subscriptions.values():
            if sub.held is not None:
                socket.put_raw(sub.held)
                sub.held = None

    def end(self, socket: StreamSocket, sub: Subscription, code: int) -> None:
        """End a subscription with a terminal error."""
        self._stats.faults[f"sent_code{code}"] += 1
        number = b',"seq":%d' % sub.next_seq() if sub.is_sequenced else b""
        socket.put(
            b'{"type":"error","sending_ts_ms":%d,"sid":%d%b,"msg":{"code":%d,"msg":"%b"}}'
            % (self.now_ms, sub.sid, number, code, TEXTS[code].encode())
        )
        self.part(socket, sub)
