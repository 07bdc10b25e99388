"""Plays recorded frames, whether or not anybody listens: what is missed stays missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.faults.knobs import Faults
from sandbox.vendors.kalshi.stream.messages import Message
from sandbox.vendors.kalshi.stream.publisher import Publisher
from sandbox.vendors.kalshi.stream.recorded_frames import BY_RECEIVED, RecordedFrame
from sandbox.vendors.kalshi.stream.socket import StreamSocket
from sandbox.vendors.kalshi.stream.subscriptions import TICKER

_ROUND_TOP = 4_000
_ROUND_FAST = 500  # as fast as the client reads
_UNREAD_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What to play and how; speed 0 is as fast as the client reads."""

    files: tuple[Path, ...]
    by: str = BY_RECEIVED
    speed: float = 1.0
    copies: int = 1


def copy_of(ticker: str, number: int) -> str:
    """Return the ticker of a copy; copy 0 is the original. The event stays the same."""
    return f"{ticker}X{number}" if number else ticker


class Replay:
    """Recorded frames and how far they have been played.

    `frame` and `copy` are the next to be played: every ticker is played once per copy, all
    other frames once.
    """

    def __init__(
        self,
        plan: ReplayPlan,
        frames: Sequence[RecordedFrame],
        publisher: Publisher,
        faults: Faults,
    ) -> None:
        """Wait for the first ticker subscription."""
        self.plan, self.frames = plan, frames
        self.speed = plan.speed
        self.is_paused = self.has_started = False
        self.frame = self.copy = 0
        self.position = self.sent = self.missed = 0
        tickers = sum(found.fields is not None for found in frames)
        self.total = tickers * plan.copies + len(frames) - tickers
        self._publisher, self._faults = publisher, faults
        self._played_ms = self._at_s = 0.0

    @property
    def is_done(self) -> bool:
        """Whether everything was played."""
        return self.frame >= len(self.frames)

    @property
    def is_running(self) -> bool:
        """Whether frames may fall due without anybody asking."""
        return self.has_started and not self.is_done and not self.is_paused

    def step(self, now_s: float, sockets: Sequence[StreamSocket]) -> None:
        """Play what is due."""
        has_listener = bool(self._publisher.followers(TICKER))
        if not self.has_started:
            if not has_listener:
                return
            self.has_started, self._at_s = True, now_s
        passed_s, self._at_s = now_s - self._at_s, now_s
        if self.is_paused or self.is_done:
            return
        self._played_ms += passed_s * 1_000 * self.speed
        if self.speed:
            self._play(_ROUND_TOP, sockets)
        elif has_listener and all(socket.buffered < _UNREAD_BYTES for socket in sockets):
            self._played_ms = float("inf")
            self._play(_ROUND_FAST, sockets)
            self._played_ms = 0.0 if self.is_done else float(self.frames[self.frame].due_ms)

    def _play(self, top: int, sockets: Sequence[StreamSocket]) -> None:
        for _ in range(top):
            if self.is_done or self.frames[self.frame].due_ms > self._played_ms:
                return
            found = self.frames[self.frame]
            reached = self._send(found, sockets)
            self.position += 1
            self.sent += reached
            self.missed += not reached
            self.copy += 1
            if found.fields is None or self.copy >= self.plan.copies:
                self.frame, self.copy = self.frame + 1, 0

    def _send(self, found: RecordedFrame, sockets: Sequence[StreamSocket]) -> bool:
        """Send one frame; say whether anybody got it."""
        for name in ("ws_stall_open", "ws_stall_closed"):
            if self._faults.active(name) is not None:
                return False
        if found.fields is not None:
            return self._publisher.publish(self._message(found)) > 0
        listeners = {socket.number for socket, _ in self._publisher.followers(TICKER)}
        for socket in sockets:
            if socket.number in listeners:
                socket.put(found.raw)
                self._publisher.log.frames[found.kind] += 1
        return bool(listeners)

    def _message(self, found: RecordedFrame) -> Message:
        fields, number = found.fields, self.copy
        assert fields is not None
        body = found.msg
        ticker = copy_of(fields.market_ticker, number)
        if number:
            body = body.replace(f'"{fields.market_ticker}"'.encode(), f'"{ticker}"'.encode(), 1)
            own = copy_of(fields.market_id, number)
            body = body.replace(f'"{fields.market_id}"'.encode(), f'"{own}"'.encode(), 1)
        ts_ms = fields.ts * 1_000 if fields.ts_ms is None else fields.ts_ms
        note = (ts_ms, fields.price_dollars, fields.volume_fp)
        return Message(TICKER, TICKER, ticker, body, note)

    def describe(self) -> dict[str, object]:
        """Return where it stands."""
        return {
            "files": [str(path) for path in self.plan.files],
            "by": self.plan.by,
            "copies": self.plan.copies,
            "speed": self.speed,
            "started": self.has_started,
            "paused": self.is_paused,
            "position": self.position,
            "total": self.total,
            "sent": self.sent,
            "missed": self.missed,
            "done": self.is_done,
        }
