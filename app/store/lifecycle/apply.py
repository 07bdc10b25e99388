"""Announcements onto the markets they are about: all that is stored of a market, folded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.database import Conn
from app.domain.types import Exchange

# `counts`: not older than what a request said. A late announcement still counts when only
# announcements have been later: then its own field may be news. Of each field the newest one
# decides, and only if it is new: a request may have corrected the others. A determination
# comes with a time in whole seconds that may lie before what was announced earlier, so
# reaching it needs no comparison of times; changing it does.
_APPLY = """
WITH history AS (
    SELECT market.id AS market_id, market.lifecycle_ts, market.status AS was, event.id,
        event.exchange_ts AS at, event.applied_at IS NULL OR event.id >= $3 AS is_new,
        event.said->>'status' AS status, event.said->>'open_at' AS open_at,
        event.said->>'close_at' AS close_at, event.said->>'result' AS result,
        event.said->>'settlement_value' AS settlement_value,
        CASE WHEN event.said->>'status' = 'settled' THEN event.said->>'happened_at' END
            AS settled_at
    FROM alpha.markets market
    JOIN alpha.lifecycle_events event ON event.exchange = market.exchange
        AND event.ext_id = market.ext_id AND event.subject = 'market'
    WHERE market.exchange = $1 AND market.ext_id = ANY($2) AND NOT market.is_deleted
), judged AS (
    SELECT *, lifecycle_ts IS NULL OR at >= lifecycle_ts OR NOT is_new OR lifecycle_ts =
            max(at) FILTER (WHERE NOT is_new) OVER (PARTITION BY market_id) AS counts,
        status IN ('determined', 'settled') AS is_end,
        was NOT IN ('determined', 'disputed', 'settled') AS was_trading
    FROM history
), folded AS (
    SELECT market_id, max(at) AS newest,
        bool_or(status = 'settled') FILTER (WHERE is_new) AS is_settled,
        bool_or(status = 'determined' AND (was_trading OR counts))
            FILTER (WHERE is_new) AS is_determined,
        max(at) FILTER (WHERE is_end) AS ended_at,
        max(at) FILTER (WHERE is_new AND counts AND status IN ('open', 'paused')) AS traded_at,
        (array_agg(CASE WHEN is_new THEN status END ORDER BY at DESC, id DESC)
            FILTER (WHERE counts AND status IN ('open', 'paused')))[1] AS status,
        (array_agg(CASE WHEN is_new THEN open_at END ORDER BY at DESC, id DESC)
            FILTER (WHERE counts AND open_at IS NOT NULL))[1] AS open_at,
        (array_agg(CASE WHEN is_new THEN close_at END ORDER BY at DESC, id DESC)
            FILTER (WHERE counts AND close_at IS NOT NULL))[1] AS close_at,
        (array_agg(CASE WHEN is_new THEN result END ORDER BY at DESC, id DESC)
            FILTER (WHERE (counts OR was_trading) AND result IS NOT NULL))[1] AS result,
        (array_agg(CASE WHEN is_new THEN settlement_value END ORDER BY at DESC, id DESC)
            FILTER (WHERE (counts OR was_trading) AND settlement_value IS NOT NULL))[1]
            AS settlement_value,
        (array_agg(CASE WHEN is_new THEN result END ORDER BY at DESC, id DESC)
            FILTER (WHERE result IS NOT NULL))[1] AS last_result,
        (array_agg(CASE WHEN is_new THEN settled_at END ORDER BY at DESC, id DESC)
            FILTER (WHERE settled_at IS NOT NULL))[1] AS settled_at
    FROM judged GROUP BY market_id HAVING bool_or(is_new)
), told AS (
    SELECT folded.market_id, newest, ended_at, traded_at, last_result,
        coalesce(folded.open_at::timestamptz, market.open_at) AS open_at,
        coalesce(folded.close_at::timestamptz, market.close_at) AS close_at,
        folded.close_at IS NOT NULL AS has_close,
        coalesce(folded.result, market.result, last_result) AS result,
        coalesce(folded.settlement_value::numeric, market.settlement_value) AS settlement_value,
        coalesce(folded.settled_at::timestamptz, market.settled_at) AS settled_at,
        (CASE
            WHEN market.status = 'settled' OR is_settled THEN 'settled'
            WHEN is_determined THEN 'determined'
            WHEN market.status IN ('determined', 'disputed') THEN market.status::text
            ELSE coalesce(folded.status, market.status::text)
        END)::alpha.market_status AS status
    FROM folded JOIN alpha.markets market ON market.id = folded.market_id
), dated AS (
    SELECT *, (CASE
            WHEN status IN ('upcoming', 'open', 'paused') AND close_at <= $4 THEN 'closed'
            WHEN status = 'upcoming' AND open_at <= $4 THEN 'open'
            ELSE status::text
        END)::alpha.market_status AS status_now
    FROM told
)
UPDATE alpha.markets market SET status = status_now, open_at = dated.open_at,
    close_at = dated.close_at, result = dated.result,
    settlement_value = dated.settlement_value, settled_at = dated.settled_at,
    lifecycle_ts = greatest(lifecycle_ts, newest), fingerprint = 0, updated_at = now()
FROM dated WHERE market.id = dated.market_id
RETURNING market.id, market.ext_id, market.result IS NOT NULL AS has_result,
    coalesce(last_result <> market.result, false)
    OR has_close AND market.close_at > $4 AND market.status = 'closed'
    OR traded_at IS NOT NULL AND market.status NOT IN ('open', 'paused')
        AND (ended_at IS NULL OR traded_at > ended_at + interval '1 second') AS is_doubtful
"""
_NAME_WINNERS = """
UPDATE alpha.market_outcomes outcome SET is_winner = told.is_winner, updated_at = now()
FROM (
    SELECT side.id, CASE WHEN bool_or(side.execution_asset_id = market.result)
            OVER (PARTITION BY market.id)
        THEN side.execution_asset_id = market.result END AS is_winner
    FROM alpha.markets market JOIN alpha.market_outcomes side ON side.market_id = market.id
    WHERE market.id = ANY($1) AND NOT side.is_deleted
) told
WHERE outcome.id = told.id AND outcome.is_winner IS DISTINCT FROM told.is_winner
"""
_MARK_APPLIED = """
UPDATE alpha.lifecycle_events SET applied_at = $3
WHERE exchange = $1 AND ext_id = ANY($2) AND applied_at IS NULL AND subject = 'market'
"""
_EVERY_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Caught:
    """What `apply_waiting` found: markets the catalogue has, of them `doubtful` ones."""

    known: frozenset[str] = field(default_factory=frozenset)
    doubtful: frozenset[str] = field(default_factory=frozenset)


async def apply_waiting(
    conn: Conn, exchange: Exchange, ext_ids: Collection[str], *, now: datetime
) -> Caught:
    """Apply what waits for these markets, as far as the catalogue has them now.

    Waits for a sync that is writing; opens a transaction of its own.
    """
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext('catalogue:' || $1))", exchange)
        rows = await conn.fetch(
            """
            SELECT ext_id FROM alpha.markets
            WHERE exchange = $1 AND ext_id = ANY($2) AND NOT is_deleted ORDER BY ext_id
            """,
            exchange,
            list(ext_ids),
        )
        known = [row["ext_id"] for row in rows]
        doubtful = await apply_told(conn, exchange, known, since_id=_EVERY_ID, now=now)
    return Caught(frozenset(known), doubtful)


async def apply_told(
    conn: Conn, exchange: Exchange, ext_ids: Sequence[str], *, since_id: int, now: datetime
) -> frozenset[str]:
    """Apply what is new about markets: what waits, and what was stored from `since_id` on.

    The caller holds the catalogue's lock.

    Returns:
        The markets that are doubtful now.
    """
    rows = await conn.fetch(_APPLY, exchange, ext_ids, since_id, now)
    decided = [row["id"] for row in rows if row["has_result"]]
    if decided:
        await conn.execute(_NAME_WINNERS, decided)
    await conn.execute(_MARK_APPLIED, exchange, ext_ids, now)
    return frozenset(row["ext_id"] for row in rows if row["is_doubtful"])
