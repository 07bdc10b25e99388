"""How often and how long, in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """The rhythm of the stream.

    Attributes:
        flush_s: a client gets what changed this often.
        slots: into so many parts of that time clients are spread, so that none is a burst.
        heartbeat_s: a silent connection shows this often that it lives.
        drain_s: a client that does not read for this long is closed.
        poll_s: feeds are asked this often how they are.
        reread_s: quotes are read again this often, for what no entry tells.
        ready_s: a first client waits this long for Redis.
        linger_s: the reader stays this long after the last client.
    """

    flush_s: float = 0.5
    slots: int = 10
    heartbeat_s: float = 15.0
    drain_s: float = 30.0
    poll_s: float = 2.0
    reread_s: float = 10.0
    ready_s: float = 1.0
    linger_s: float = 60.0
