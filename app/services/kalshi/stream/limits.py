"""Every length of time and size the stream client goes by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Seconds, unless the name says otherwise; Kalshi itself pings every 10 s.

    Attributes:
        transport_s: without any sign of life, pings and pongs included: reconnect.
        subscribe_s: for the reply to a subscribe command: reconnect.
        stale_s: without a tick although there must be some: say so and resubscribe.
        dead_s: the same, after a resubscription too: reconnect.
        probe_s: between two questions whether ticks are due.
        probe_timeout_s: for the answer; without one nothing is known.
        ping_s: between our own pings, so that a quiet line is not taken for a dead one.
        healthy_s: of data after which the reconnect delay starts anew.
        look_s: how often the clocks are looked at.
        paused_s: when a look is later than this, it was us who stood still.
        again_s: a subscription that ends twice within this ends the connection.
        finish_s: for announcements that wait to be stored, when the stream is cancelled.
        lifecycle_waiting: announcements not stored yet; more end the connection.
        slice_frames: decoded between two turns of the event loop.
        rejects: told per slice; all are counted.
    """

    transport_s: float = 25
    subscribe_s: float = 5
    stale_s: float = 25
    dead_s: float = 60
    probe_s: float = 5
    probe_timeout_s: float = 4
    ping_s: float = 10
    healthy_s: float = 60
    look_s: float = 0.25
    paused_s: float = 5
    again_s: float = 5
    finish_s: float = 2
    lifecycle_waiting: int = 10_000
    lifecycle_batch: int = 500
    slice_frames: int = 1_000
    rejects: int = 20
