"""Announcements into `lifecycle_events`, each once, and on to the markets they are about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from app.core.database import Conn
from app.domain.lifecycle_events import LifecycleEvent, Subject
from app.store.lifecycle.apply import apply_told
from app.store.lifecycle.rows import to_rows

# The catalogue has one writer per exchange. While a sync is it, announcements are stored
# only and wait: whoever stores them holds a lease that must not stand still. Plans and
# words for the search index as in `store.catalogue`.
_BEGIN = """
SELECT pg_try_advisory_xact_lock(hashtext('catalogue:' || $1)),
    set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('gin_pending_list_limit', '256MB', true)
"""
_STORE = """
INSERT INTO alpha.lifecycle_events (exchange, subject, ext_id, event_type, exchange_ts, payload,
    payload_hash, said, received_at, applied_at)
SELECT $1, given.subject, given.ext_id, kind, given.exchange_ts, payload::jsonb,
    payload_hash, said::jsonb, received_at,
    CASE WHEN given.subject <> 'market' OR (market.id IS NOT NULL AND $11) THEN $12::timestamptz END
FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[],
    $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY
    AS given (subject, ext_id, kind, exchange_ts, payload, payload_hash, said, received_at,
        repeats_after, place)
LEFT JOIN alpha.markets market ON given.subject = 'market'
    AND market.exchange = $1 AND market.ext_id = given.ext_id AND NOT market.is_deleted
WHERE (
    SELECT (known.event_type, known.payload_hash) = (kind, given.payload_hash)
    FROM alpha.lifecycle_events known
    WHERE known.exchange = $1 AND known.ext_id = given.ext_id AND known.subject = given.subject
      AND known.exchange_ts BETWEEN given.repeats_after AND given.exchange_ts
      AND NOT known.said ? 'happened_at'
    ORDER BY known.exchange_ts DESC, known.id DESC LIMIT 1
) IS NOT TRUE
ORDER BY place
ON CONFLICT DO NOTHING
RETURNING id, subject, ext_id, applied_at IS NOT NULL AS is_applied
"""
_columns = attrgetter(
    "subject",
    "ext_id",
    "kind",
    "exchange_ts",
    "payload",
    "payload_hash",
    "said",
    "received_at",
    "repeats_after",
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of announcements.

    Attributes:
        stored: new ones; `repeated` were known.
        applied: of the new ones; the others wait in the table.
        unknown: markets that are not in our catalogue, or that a sync is writing just now.
        doubtful: markets of which an announcement says what the rules above do not allow.
        events: events that something was announced about.
    """

    stored: int = 0
    repeated: int = 0
    applied: int = 0
    unknown: frozenset[str] = field(default_factory=frozenset)
    doubtful: frozenset[str] = field(default_factory=frozenset)
    events: frozenset[str] = field(default_factory=frozenset)


async def record_events(conn: Conn, events: Sequence[LifecycleEvent], *, now: datetime) -> Recorded:
    """Store announcements of one exchange and apply the new ones; never waits for a sync.

    Must run inside a transaction.

    Raises:
        ValueError, asyncpg.DataError: one of them cannot be stored; none is.
    """
    if not events:
        return Recorded()
    exchange = events[0].exchange
    rows = to_rows(events)
    may_apply = await conn.fetchval(_BEGIN, exchange)
    columns = (list(column) for column in zip(*map(_columns, rows), strict=True))
    stored = await conn.fetch(_STORE, exchange, *columns, may_apply, now)
    told = {row["ext_id"] for row in stored if row["is_applied"] and row["subject"] == "market"}
    doubtful: frozenset[str] = frozenset()
    if told:
        first = min(row["id"] for row in stored)
        doubtful = await apply_told(conn, exchange, sorted(told), since_id=first, now=now)
    return Recorded(
        stored=len(stored),
        repeated=len(events) - len(stored),
        applied=sum(row["is_applied"] for row in stored),
        unknown=frozenset(row["ext_id"] for row in stored if not row["is_applied"]),
        doubtful=doubtful,
        events=frozenset(r["ext_id"] for r in stored if r["subject"] == Subject.EVENT),
    )
