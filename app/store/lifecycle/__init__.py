"""Announcements of an exchange: each stored once, and applied to the catalogue in their order.

Whatever the order in which they arrive, the market ends up the same:

- A market's life only goes forward: trading, then determined, then settled. An announcement
  never takes it back; that it says so makes the market `doubtful`, and a request decides.
- Within trading, the newest announcement of its exchange time decides status, open and close.
- What a request read after an announcement stands: `markets.lifecycle_ts` is the exchange
  time up to which all news is in the row, by announcement or by request.
"""

from app.store.lifecycle.apply import Caught, apply_waiting
from app.store.lifecycle.record import Recorded, record_events
from app.store.lifecycle.rows import AHEAD, REPEAT_WITHIN
from app.store.lifecycle.waiting import delete_old_events, list_waiting

__all__ = [
    "AHEAD",
    "REPEAT_WITHIN",
    "Caught",
    "Recorded",
    "apply_waiting",
    "delete_old_events",
    "list_waiting",
    "record_events",
]
