"""A crowd: those who hold the two markets of one game, and everybody else with their positions."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.database import Conn
from app.domain import ids
from app.domain.types import EventId, Exchange, MarketId

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
_MARKETS_OF_OTHERS = 1_000
_POSITIONS_EACH = 5


@dataclass(frozen=True, slots=True)
class CrowdSize:
    """How many hold the game's markets, and how many positions others hold elsewhere."""

    holders: int
    positions_of_others: int


@dataclass(frozen=True, slots=True)
class Game:
    """The game that the crowd holds: a market for each team."""

    event_id: EventId
    home: MarketId
    away: MarketId


GAME = Game(
    EventId(ids.event_id(Exchange.KALSHI, "KXBENCH-0")),
    MarketId(ids.market_id(Exchange.KALSHI, "KXBENCH-0-HOME")),
    MarketId(ids.market_id(Exchange.KALSHI, "KXBENCH-0-AWAY")),
)


async def add_crowd(conn: Conn, size: CrowdSize) -> None:
    """Fill an empty database; one holder in three holds both markets and has preferences.

    One in five has two devices. Foreign keys are not looked at: the rows fit by construction.
    """
    people = size.holders + size.positions_of_others // _POSITIONS_EACH
    await conn.execute("SET session_replication_role = replica")
    await _add_markets(conn)
    for statement, arguments in (
        (_USERS, (people, NOW)),
        (_DEVICES, (people, NOW)),
        (_PREFERENCES, (people, NOW)),
        (_OF_HOLDERS, (size.holders, GAME.home, GAME.away, NOW)),
        (_OF_OTHERS, (size.holders, people, _POSITIONS_EACH, _MARKETS_OF_OTHERS, NOW)),
    ):
        await conn.execute(statement, *arguments)
    await conn.execute("RESET session_replication_role")
    await conn.execute("VACUUM ANALYZE")


async def _add_markets(conn: Conn) -> None:
    series_id = ids.series_id(Exchange.KALSHI, "KXBENCH")
    await conn.execute(
        "INSERT INTO alpha.series (id, exchange, ext_id, title, fingerprint)"
        " VALUES ($1, 'kalshi', 'KXBENCH', 'Games', 0)",
        series_id,
    )
    await conn.execute(_EVENTS, _MARKETS_OF_OTHERS, series_id, GAME.event_id)
    await conn.execute(_TEAMS, GAME.event_id, GAME.home, GAME.away)
    await conn.execute(_MARKETS, _MARKETS_OF_OTHERS)
    await conn.execute(_OUTCOMES)


_EVENTS = """
INSERT INTO alpha.events (id, series_id, exchange, ext_id, title, fingerprint)
SELECT md5('event:' || i)::uuid, $2::uuid, 'kalshi'::alpha.exchange, 'KXBENCH-' || i,
    'Boston at Miami', 0 FROM generate_series(1, $1::int) i
UNION ALL SELECT $3, $2, 'kalshi', 'KXBENCH-0', 'Boston at Miami', 0
"""

_TEAMS = """
INSERT INTO alpha.markets (id, event_id, exchange, ext_id, title, market_type, status, fingerprint)
VALUES ($2, $1, 'kalshi', 'KXBENCH-0-HOME', 'Winner?', 'binary', 'open', 0),
    ($3, $1, 'kalshi', 'KXBENCH-0-AWAY', 'Winner?', 'binary', 'open', 0)
"""

_MARKETS = """
INSERT INTO alpha.markets (id, event_id, exchange, ext_id, title, market_type, status, fingerprint)
SELECT md5('market:' || i)::uuid, md5('event:' || i)::uuid, 'kalshi', 'KXBENCH-' || i || '-YES',
    'Winner?', 'binary', 'open', 0 FROM generate_series(1, $1::int) i
"""

_OUTCOMES = """
INSERT INTO alpha.market_outcomes (id, market_id, execution_asset_id, position, name)
SELECT md5(m.id::text || side.name)::uuid, m.id, side.name, side.position, 'Boston'
FROM alpha.markets m CROSS JOIN (VALUES ('yes', 0), ('no', 1)) AS side (name, position)
"""

_USERS = """
INSERT INTO alpha.users (id, timezone, created_at)
SELECT md5('user:' || i)::uuid, 'America/New_York', $2 FROM generate_series(1, $1::int) i
"""

_DEVICES = """
INSERT INTO alpha.devices (id, user_id, kind, address, registered_at, last_seen_at)
SELECT md5('device:' || i || ':' || n)::uuid, md5('user:' || i)::uuid, 'fcm_token',
    'token-' || i || '-' || n, $2::timestamptz - interval '1 day', $2
FROM generate_series(1, $1::int) i
CROSS JOIN generate_series(1, CASE WHEN i % 5 = 0 THEN 2 ELSE 1 END) n
"""

_PREFERENCES = """
INSERT INTO alpha.notification_preferences (user_id, is_push_on, show_amounts, min_impact_usd,
    updated_at)
SELECT md5('user:' || i)::uuid, i % 60 <> 0, i % 2 = 0, i % 4, $2
FROM generate_series(3, $1::int, 3) i
"""

_OF_HOLDERS = """
INSERT INTO alpha.positions (id, user_id, market_id, side, contracts, source, opened_at, updated_at)
SELECT md5('position:' || i || ':' || n)::uuid, md5('user:' || i)::uuid,
    CASE n WHEN 1 THEN $2::uuid ELSE $3::uuid END,
    CASE WHEN (i + n) % 4 = 0 THEN 'no' ELSE 'yes' END::alpha.side,
    1 + i % 500 + n / 4.0, 'bench', $4::timestamptz, $4
FROM generate_series(1, $1::int) i
CROSS JOIN generate_series(1, CASE WHEN i % 3 = 0 THEN 2 ELSE 1 END) n
"""

_OF_OTHERS = """
INSERT INTO alpha.positions (id, user_id, market_id, side, contracts, source, opened_at, updated_at)
SELECT md5('position:' || i || ':' || n)::uuid, md5('user:' || i)::uuid,
    md5('market:' || 1 + (i * 7 + n * 131) % $4::int)::uuid, 'yes', 10 + n, 'bench',
    $5::timestamptz, $5
FROM generate_series($1::int + 1, $2::int) i CROSS JOIN generate_series(1, $3::int) n
"""
