"""What the catalogue knows of markets that began to tick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.database import Conn
from app.domain.market_kinds import MarketFacts, starts_at_of
from app.domain.types import EventId, Exchange, MarketId


@dataclass(frozen=True, slots=True)
class KnownMarket:
    """A market of the catalogue, with what says how it may move."""

    market_id: MarketId
    event_id: EventId
    facts: MarketFacts


async def read_known_markets(
    conn: Conn, exchange: Exchange, ext_ids: Sequence[str]
) -> Mapping[str, KnownMarket]:
    """Return markets by the exchange's ids.

    Left out are those that nobody needs to watch: unknown, deleted, combined and decided ones.
    """
    rows = await conn.fetch(
        """
        SELECT m.id, m.ext_id, m.event_id, m.open_at, m.close_at, m.expected_expiration_at,
            m.platform_metadata, e.ext_id AS event_ext_id, e.strike_at,
            s.ext_id AS series_ext_id, coalesce(e.category, s.category) AS category, s.frequency,
            s.tags
        FROM alpha.markets m
        JOIN alpha.events e ON e.id = m.event_id JOIN alpha.series s ON s.id = e.series_id
        WHERE m.exchange = $1 AND m.ext_id = ANY($2) AND NOT m.is_deleted AND NOT m.is_combo
            AND m.status NOT IN ('determined', 'settled')
        """,
        exchange,
        list(ext_ids),
    )
    return {row["ext_id"]: _to_known(row) for row in rows}


def _to_known(row: Any) -> KnownMarket:
    starts_at = starts_at_of(
        row["event_ext_id"],
        category=row["category"],
        close_at=row["close_at"],
        expected_expiration_at=row["expected_expiration_at"],
        market_metadata=row["platform_metadata"],
    )
    facts = MarketFacts(
        market_ext_id=row["ext_id"],
        event_ext_id=row["event_ext_id"],
        series_ext_id=row["series_ext_id"],
        category=row["category"],
        frequency=row["frequency"],
        tags=tuple(row["tags"] or ()),
        open_at=row["open_at"],
        close_at=row["close_at"],
        expected_expiration_at=row["expected_expiration_at"],
        starts_at=starts_at,
        strike_at=row["strike_at"],
    )
    return KnownMarket(row["id"], row["event_id"], facts)
