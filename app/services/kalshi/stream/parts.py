"""What one run of the stream is made of, shared by its connections one after another."""

from dataclasses import dataclass
from datetime import datetime

from app.core.clock import Clock
from app.services.kalshi.stream.channels import make_channels
from app.services.kalshi.stream.counters import StreamCounters
from app.services.kalshi.stream.delivery import LifecycleQueue
from app.services.kalshi.stream.intake import Intake
from app.services.kalshi.stream.limits import StreamLimits
from app.services.kalshi.stream.phases import Phases
from app.services.kalshi.stream.subscriptions import Subscriptions
from app.services.kalshi.stream.watchdog import Watchdog
from app.services.ports import TickSink


@dataclass(slots=True)
class StreamParts:
    """The parts, wired.

    Attributes:
        ticked_at: our clock at the last tick, or at the start; what has to be asked for
            when ticks stay away.
    """

    clock: Clock
    limits: StreamLimits
    counters: StreamCounters
    queue: LifecycleQueue
    phases: Phases
    watchdog: Watchdog
    subscriptions: Subscriptions
    intake: Intake
    ticked_at: datetime


def wire_parts(
    sink: TickSink,
    clock: Clock,
    limits: StreamLimits,
    counters: StreamCounters,
    since: datetime | None,
) -> StreamParts:
    """Make the parts of a run whose caller knows everything until `since`."""
    queue = LifecycleQueue(sink, limits)
    subscriptions = Subscriptions(make_channels(since), sink, clock, limits, counters)
    return StreamParts(
        clock=clock,
        limits=limits,
        counters=counters,
        queue=queue,
        phases=Phases(sink, clock),
        watchdog=Watchdog(limits, clock.monotonic()),
        subscriptions=subscriptions,
        intake=Intake(sink, queue, subscriptions, clock, limits, counters),
        ticked_at=clock.now(),
    )
