"""From frames as they arrived to calls of the sink, slice by slice."""

from collections.abc import Sequence

import msgspec

from app.core.clock import Clock
from app.domain.catalogue import Reject
from app.domain.lifecycle_events import LifecycleEvent
from app.domain.trades import PublicTrade
from app.models.kalshi.frames import (
    ErrorFrame,
    LifecycleFrame,
    SubscribedFrame,
    TradeFrame,
    UnsubscribedFrame,
)
from app.services.kalshi.stream.counters import StreamCounters
from app.services.kalshi.stream.decode import FrameReader, Other, Unreadable, to_reject
from app.services.kalshi.stream.delivery import LifecycleQueue
from app.services.kalshi.stream.limits import StreamLimits
from app.services.kalshi.stream.source import RawFrame
from app.services.kalshi.stream.subscriptions import Subscriptions
from app.services.kalshi.stream.translate import to_lifecycle_event, to_stream_trade
from app.services.ports import StreamKind, TickSink


class Intake:
    """Decodes a slice of frames and hands it over; what a bad one costs is itself."""

    def __init__(
        self,
        sink: TickSink,
        queue: LifecycleQueue,
        subscriptions: Subscriptions,
        clock: Clock,
        limits: StreamLimits,
        counters: StreamCounters,
    ) -> None:
        self._sink = sink
        self._queue = queue
        self._subscriptions = subscriptions
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._reader = FrameReader(counters)
        self._clear()

    def _clear(self) -> None:
        self._trades: list[PublicTrade] = []
        self._events: list[LifecycleEvent] = []
        self._rejects: list[Reject] = []
        self._problem: str | None = None

    def take(self, raws: Sequence[RawFrame]) -> tuple[int, str | None]:
        """Hand a slice over.

        Returns:
            How many ticks it held, and why the connection has to end (None: it goes on).
        """
        ticks, others = self._reader.read(raws)
        for frame in others:  # first: a gap is told before the ticks that end it
            if isinstance(frame, SubscribedFrame):
                self._subscriptions.on_subscribed(frame)
        if ticks:
            self._sink.on_ticks(ticks)
            self._subscriptions.received(StreamKind.TICKS)
        for frame in others:
            self._take_other(frame)
        self._hand_over()
        problem = self._problem
        self._clear()
        return len(ticks), problem

    def _take_other(self, frame: Other) -> None:
        if isinstance(frame, SubscribedFrame):
            return
        self._subscriptions.number(frame.sid, frame.seq)
        if isinstance(frame, TradeFrame):
            self._take_trade(frame)
        elif isinstance(frame, LifecycleFrame):
            self._take_lifecycle(frame)
        elif isinstance(frame, UnsubscribedFrame):
            self._subscriptions.on_unsubscribed(frame)
        elif isinstance(frame, ErrorFrame):
            self._problem = self._subscriptions.on_error(frame) or self._problem
        elif isinstance(frame, Unreadable):
            self._lose(frame.sid, frame.reject)

    def _take_trade(self, frame: TradeFrame) -> None:
        try:
            self._trades.append(to_stream_trade(frame.msg))
        except ValueError as error:
            self._counters.unreadable["trade"] += 1
            self._lose(frame.sid, to_reject("trade", msgspec.json.encode(frame.msg), str(error)))

    def _take_lifecycle(self, frame: LifecycleFrame) -> None:
        try:
            event = to_lifecycle_event(frame, received_at=self._clock.now())
        except (ValueError, RecursionError) as error:
            self._counters.unreadable["lifecycle"] += 1
            self._lose(frame.sid, to_reject("lifecycle", bytes(frame.msg), str(error)))
        else:
            self._events.append(event)

    def _lose(self, sid: int | None, reject: Reject) -> None:
        """Keep a message that could not be read, and have its channel asked for what it said."""
        if len(self._rejects) < self._limits.rejects:
            self._rejects.append(reject)
        self._subscriptions.miss(sid, "a message could not be read", 1)

    def _hand_over(self) -> None:
        if self._trades:
            self._counters.trades += len(self._trades)
            self._sink.on_trades(self._trades)
            self._subscriptions.received(StreamKind.TRADES)
        if self._events:
            self._counters.lifecycle += len(self._events)
            self._queue.put(self._events)
            self._subscriptions.received(StreamKind.LIFECYCLE)
            if self._queue.is_full:
                self._problem = "announcements wait to be stored, more than we can hold"
        if self._rejects:
            self._sink.on_rejects(self._rejects)
