"""Subscriptions of one stream: who was asked for, what is missing, which commands to send.

Does no input or output: commands wait in `take_commands`, gaps go to the sink.
"""

from collections.abc import Sequence

from app.core.clock import Clock
from app.models.kalshi.frames import ErrorFrame, SubscribedFrame, UnsubscribedFrame
from app.services.kalshi.stream.channels import Channel, subscribe_text, unsubscribe_text
from app.services.kalshi.stream.counters import StreamCounters
from app.services.kalshi.stream.limits import StreamLimits
from app.services.kalshi.stream.sequence import PASSED, Sequences
from app.services.ports import StreamGap, StreamKind, TickSink

_TERMINAL = frozenset({10, 25})  # channel error, subscription buffer overflow


class Subscriptions:
    """The channels on the present connection, and across all of them."""

    def __init__(
        self,
        channels: Sequence[Channel],
        sink: TickSink,
        clock: Clock,
        limits: StreamLimits,
        counters: StreamCounters,
    ) -> None:
        self._channels = {channel.kind: channel for channel in channels}
        self._sink = sink
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._sequences = Sequences()
        self._commands: list[str] = []
        self._command_id = 0

    @property
    def is_complete(self) -> bool:
        """Whether every channel is subscribed to."""
        return all(channel.sid is not None for channel in self._channels.values())

    @property
    def asked_at(self) -> float | None:
        """When the oldest subscribe command without an answer was made; None = all have one."""
        return min(
            (c.asked_at for c in self._channels.values() if c.asked_at is not None), default=None
        )

    def begin(self) -> None:
        """Ask for everything, on a new connection."""
        self._sequences = Sequences()
        self._commands = []
        self._command_id = 0
        for channel in self._channels.values():
            channel.ended_at = None
            self._ask(channel)

    def lose(self, reason: str) -> None:
        """Note that the connection is gone."""
        for channel in self._channels.values():
            channel.lose(reason)

    def renew(self, kind: StreamKind, reason: str) -> None:
        """Give a subscription up and ask for it again."""
        channel = self._channels[kind]
        if channel.sid is not None:
            self._commands.append(unsubscribe_text(self._next_id(), channel.sid))
        self._replace(channel, reason)

    def take_commands(self) -> list[str]:
        """Return what has to be sent now."""
        commands, self._commands = self._commands, []
        return commands

    def number(self, sid: int | None, seq: int | None) -> None:
        """Note a message's number; tells the sink when some before it did not come."""
        if sid is None or seq is None:
            return
        missed = self._sequences.missed(sid, seq)
        if missed == PASSED:
            self._counters.repeated += 1
        elif missed:
            self._counters.missed += missed
            self.miss(sid, "numbers are missing", missed)

    def miss(self, sid: int | None, reason: str, missed: int | None = None) -> None:
        """Tell the sink of a hole in a subscription that goes on."""
        for channel in self._channels.values():
            if channel.sid is not None and channel.sid == sid:
                self._tell_gap(channel, reason, missed)

    def received(self, kind: StreamKind) -> None:
        """Note that until now nothing of a channel is missing."""
        self._channels[kind].complete_until = self._clock.now()

    def on_subscribed(self, frame: SubscribedFrame) -> None:
        """Begin a subscription; what was missed before it is a gap from now on known in full."""
        for channel in self._channels.values():
            if channel.name == frame.msg.channel:
                channel.sid, channel.asked_at = frame.msg.sid, None
                self._sequences.begin(frame.msg.sid)
                if channel.gap_reason is not None:
                    self._tell_gap(channel, channel.gap_reason, None)
                    channel.gap_reason = None

    def on_unsubscribed(self, frame: UnsubscribedFrame) -> None:
        """End a subscription we gave up; its successor has another sid."""
        if frame.sid is not None:
            self._sequences.end(frame.sid)

    def on_error(self, frame: ErrorFrame) -> str | None:
        """Handle an error; returns why the connection has to end, None = it goes on."""
        code = frame.msg.code
        self._counters.count_error(code)
        for channel in self._channels.values():
            if channel.asked_at is not None and channel.command_id == frame.id:
                return f"subscribing to {channel.name} failed: error {code}"
            if code in _TERMINAL and channel.sid is not None and channel.sid == frame.sid:
                return self._end_by_error(channel, code)
        if code in _TERMINAL and frame.sid is None:
            return f"error {code} of no subscription"
        return None

    def _end_by_error(self, channel: Channel, code: int) -> str | None:
        now = self._clock.monotonic()
        if channel.ended_at is not None and now - channel.ended_at < self._limits.again_s:
            return f"{channel.name} ends again and again: error {code}"
        channel.ended_at = now
        if channel.sid is not None:
            self._sequences.end(channel.sid)
        self._replace(channel, f"error {code}")
        return None

    def _replace(self, channel: Channel, reason: str) -> None:
        self._counters.resubscriptions += 1
        channel.lose(reason)
        self._ask(channel)

    def _ask(self, channel: Channel) -> None:
        channel.command_id = self._next_id()
        channel.asked_at = self._clock.monotonic()
        self._commands.append(subscribe_text(channel.command_id, channel))

    def _next_id(self) -> int:
        self._command_id += 1
        return self._command_id

    def _tell_gap(self, channel: Channel, reason: str, missed: int | None) -> None:
        now = self._clock.now()
        self._counters.gaps += 1
        self._sink.on_gap(StreamGap(channel.kind, channel.complete_until, now, reason, missed))
        channel.complete_until = now
