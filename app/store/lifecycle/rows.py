"""Announcements as `lifecycle_events` holds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

import msgspec
import xxhash

from app.domain.lifecycle_events import LifecycleEvent, Subject

AHEAD = timedelta(minutes=5)  # an announcement from after that would hold back all later ones
REPEAT_WITHIN = timedelta(seconds=5)  # longer, and a second pause might be taken for the first
_encode = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


@dataclass(frozen=True, slots=True)
class EventRow:
    """One announcement.

    Attributes:
        exchange_ts: when it happened, else when it was sent, else when it came.
        payload, said: JSON text; `said` is what it changes, in our words.
        repeats_after: None = it has a time of its own. Another one is a repeat when the last
            such one since then is equal.
    """

    subject: Subject
    ext_id: str
    kind: str
    exchange_ts: datetime
    payload: str
    payload_hash: int
    said: str
    received_at: datetime
    repeats_after: datetime | None


def to_rows(events: Sequence[LifecycleEvent]) -> list[EventRow]:
    """Translate announcements, in the order in which they happened; repeats among them go.

    Raises:
        ValueError: one cannot be stored: its time, its settlement price or its text.
    """
    rows = sorted(map(_to_row, events), key=lambda row: (row.subject, row.ext_id, row.exchange_ts))
    by_subject = groupby(rows, key=lambda row: (row.subject, row.ext_id))
    distinct = [row for _, group in by_subject for row in _without_repeats(group)]
    return sorted(distinct, key=lambda row: row.exchange_ts)


def _without_repeats(rows: Iterator[EventRow]) -> Iterator[EventRow]:
    """Leave out what repeats the one before it; let the others look back no further than that."""
    before: EventRow | None = None
    for row in rows:
        if row.repeats_after is None:
            yield row
            continue
        if before is None or before.exchange_ts < row.repeats_after:
            yield row
        elif (before.kind, before.payload_hash) != (row.kind, row.payload_hash):
            yield replace(row, repeats_after=before.exchange_ts)
        before = row


def _to_row(event: LifecycleEvent) -> EventRow:
    exchange_ts = event.happened_at or event.sent_at or event.received_at
    if exchange_ts > event.received_at + AHEAD:
        raise ValueError(f"announced before it happens: {exchange_ts.isoformat()}")
    payload = _encode(event.payload)
    return EventRow(
        subject=event.subject,
        ext_id=event.ext_id,
        kind=event.kind,
        exchange_ts=exchange_ts,
        payload=payload.decode(),
        payload_hash=xxhash.xxh3_64_intdigest(payload) - 2**63,
        said=_encode(_said(event)).decode(),
        received_at=event.received_at,
        repeats_after=None if event.happened_at else exchange_ts - REPEAT_WITHIN,
    )


def _said(event: LifecycleEvent) -> dict[str, object]:
    price = event.settlement_price
    if price is not None and not 0 <= price <= 1:
        raise ValueError(f"settlement price outside 0..1: {str(price)[:40]}")
    said = {
        "status": event.status,
        "open_at": event.open_at,
        "close_at": event.close_at,
        "result": event.result,
        "settlement_value": price,
        "happened_at": event.happened_at,
    }
    return {name: word for name, word in said.items() if word is not None}
