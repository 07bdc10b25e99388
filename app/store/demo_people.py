"""People of a sandbox, written in sets; what is there already stays as it is."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from app.core.database import Conn
from app.domain import ids
from app.domain.people import FollowKind, device_id, follow_id, position_id
from app.domain.types import Exchange
from app.models.demo import DemoPerson

Rows = list[dict[str, object]]

_TARGETS: dict[FollowKind, Callable[[Exchange, str], UUID]] = {
    FollowKind.MARKET: ids.market_id,
    FollowKind.EVENT: ids.event_id,
    FollowKind.SERIES: ids.series_id,
}
_CHUNK = 1_000  # people


async def insert_people(conn: Conn, people: Sequence[DemoPerson], *, now: datetime) -> Counter[str]:
    """Insert people with what they hold, follow, use and prefer; call it in a transaction.

    Returns:
        How many rows of each are new, and as `unknown_markets` and `unknown_follows` how many
        were left out since the catalogue has no such thing (yet).
    """
    counts: Counter[str] = Counter()
    ordered = sorted(people, key=lambda person: person.id)
    for first in range(0, len(ordered), _CHUNK):
        chunk = ordered[first : first + _CHUNK]
        for name, text, rows in _statements(chunk):
            (row,) = await conn.fetch(text, rows, now)
            counts[name] += row["made"]
            if row["unknown"] is not None:
                counts[_UNKNOWN[name]] += row["unknown"]
    return counts


def _statements(people: Sequence[DemoPerson]) -> Iterator[tuple[str, str, Rows]]:
    """Yield name, statement and rows of every table, parents first."""
    yield (
        "users",
        _USERS,
        [{"id": person.id, "name": person.name, "timezone": person.timezone} for person in people],
    )
    yield "positions", _POSITIONS, _positions(people)
    yield "follows", _FOLLOWS, _follows(people)
    yield "devices", _DEVICES, _devices(people)
    yield (
        "preferences",
        _PREFERENCES,
        [
            {"user_id": person.id, **person.preferences.model_dump(mode="json")}
            for person in people
            if person.preferences.model_fields_set
        ],
    )


def _positions(people: Sequence[DemoPerson]) -> Rows:
    rows: Rows = []
    for person in people:
        for held in person.positions:
            market_id = ids.market_id(held.exchange, held.market_ext_id)
            row: dict[str, object] = {
                "id": position_id(person.id, market_id, held.side),
                "user_id": person.id,
                "market_id": market_id,
                "side": held.side,
                "contracts": held.contracts,
                "average_price": held.average_price,
            }
            rows.append(row)
    return rows


def _follows(people: Sequence[DemoPerson]) -> Rows:
    rows: Rows = []
    for person in people:
        for follow in person.follows:
            target_id = _TARGETS[follow.kind](follow.exchange, follow.ext_id)
            row: dict[str, object] = {
                "id": follow_id(person.id, follow.kind, target_id),
                "user_id": person.id,
                "kind": follow.kind,
                "target_id": target_id,
                "is_push": follow.push,
            }
            rows.append(row)
    return rows


def _devices(people: Sequence[DemoPerson]) -> Rows:
    return [
        {
            "id": device_id(person.id, device.kind, device.address),
            "user_id": person.id,
            "kind": device.kind,
            "address": device.address,
        }
        for person in people
        for device in person.devices
    ]


_UNKNOWN = {"positions": "unknown_markets", "follows": "unknown_follows"}

_USERS = """
WITH made AS (
    INSERT INTO alpha.users (id, display_name, timezone, created_at)
    SELECT id, name, timezone, $2::timestamptz
    FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, name text, timezone text)
    ON CONFLICT (id) DO NOTHING RETURNING 1
)
SELECT count(*) AS made, NULL::bigint AS unknown FROM made
"""

_POSITIONS = """
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, user_id uuid,
        market_id uuid, side alpha.side, contracts numeric, average_price numeric)
), known AS MATERIALIZED (
    SELECT given.* FROM given
    JOIN alpha.markets m ON m.id = given.market_id AND NOT m.is_deleted
), made AS (
    INSERT INTO alpha.positions (id, user_id, market_id, side, contracts, average_price, source,
        opened_at, updated_at)
    SELECT id, user_id, market_id, side, contracts, average_price, 'demo', $2, $2
    FROM known ORDER BY user_id, market_id, side
    ON CONFLICT (user_id, market_id, side) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM made) AS made,
    (SELECT count(*) FROM given) - (SELECT count(*) FROM known) AS unknown
"""

_FOLLOWS = """
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, user_id uuid,
        kind alpha.follow_kind, target_id uuid, is_push boolean)
), known AS MATERIALIZED (
    SELECT given.* FROM given
    JOIN alpha.markets m ON m.id = given.target_id AND NOT m.is_deleted
    WHERE given.kind = 'market'
    UNION ALL SELECT given.* FROM given
    JOIN alpha.events e ON e.id = given.target_id AND NOT e.is_deleted
    WHERE given.kind = 'event'
    UNION ALL SELECT given.* FROM given
    JOIN alpha.series s ON s.id = given.target_id AND NOT s.is_deleted
    WHERE given.kind = 'series'
), made AS (
    INSERT INTO alpha.follows (id, user_id, kind, target_id, is_push, created_at)
    SELECT id, user_id, kind, target_id, is_push, $2 FROM known
    ORDER BY user_id, kind, target_id
    ON CONFLICT (user_id, kind, target_id) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM made) AS made,
    (SELECT count(*) FROM given) - (SELECT count(*) FROM known) AS unknown
"""

_DEVICES = """
WITH made AS (
    INSERT INTO alpha.devices (id, user_id, kind, address, registered_at, last_seen_at)
    SELECT id, user_id, kind, address, $2, $2
    FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, user_id uuid, kind alpha.device_kind,
        address text)
    ORDER BY kind, address
    ON CONFLICT (kind, address) DO NOTHING RETURNING 1
)
SELECT count(*) AS made, NULL::bigint AS unknown FROM made
"""

_PREFERENCES = """
WITH made AS (
    INSERT INTO alpha.notification_preferences (user_id, is_push_on, quiet_from, quiet_to,
        is_protect_quiet, is_held_when_quiet, muted_kinds, show_amounts, min_impact_usd,
        updated_at)
    SELECT user_id, is_push_on, quiet_from, quiet_to, is_protect_quiet, is_held_when_quiet,
        muted_kinds, show_amounts, min_impact_usd, $2
    FROM jsonb_to_recordset($1::jsonb) AS given (user_id uuid, is_push_on boolean,
        quiet_from time, quiet_to time, is_protect_quiet boolean, is_held_when_quiet boolean,
        muted_kinds text[], show_amounts boolean, min_impact_usd numeric)
    ON CONFLICT (user_id) DO NOTHING RETURNING 1
)
SELECT count(*) AS made, NULL::bigint AS unknown FROM made
"""
