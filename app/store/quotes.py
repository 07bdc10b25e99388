"""Latest quotes from the firehose: `market_quotes` as every list and fan-out joins it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.core.database import Conn
from app.domain.fold import MarketState, Quote, Said
from app.domain.ids import market_id
from app.domain.types import Exchange

_WRITE = """
WITH tick AS MATERIALIZED (
    SELECT id, to_timestamp(ts_ms / 1e3) AS as_of, last / 1e6 AS last, bid / 1e6 AS bid,
        ask / 1e6 AS ask, bid_size / 1e2 AS bid_size, ask_size / 1e2 AS ask_size,
        volume / 1e2 AS volume, open_interest / 1e2 AS open_interest
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::bigint[], $9::bigint[])
        AS tick (id, ts_ms, last, bid, ask, bid_size, ask_size, volume, open_interest)
), free AS MATERIALIZED (
    SELECT market_id FROM alpha.market_quotes
    WHERE market_id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED
), changed AS (
    UPDATE alpha.market_quotes known SET
        last = tick.last, bid = tick.bid, ask = tick.ask,
        bid_size = tick.bid_size, ask_size = tick.ask_size,
        volume = coalesce(tick.volume, known.volume), open_interest = tick.open_interest,
        as_of = tick.as_of, fingerprint = NULL
    FROM tick JOIN free ON free.market_id = tick.id
    WHERE known.market_id = tick.id
      AND (known.fingerprint IS NOT NULL OR known.as_of <= tick.as_of)
    RETURNING known.market_id
), added AS (
    INSERT INTO alpha.market_quotes
        (market_id, last, bid, ask, bid_size, ask_size, volume, open_interest, as_of)
    SELECT id, last, bid, ask, bid_size, ask_size, volume, open_interest, as_of FROM tick
    WHERE EXISTS (SELECT FROM alpha.markets WHERE markets.id = tick.id)
      AND NOT EXISTS (SELECT FROM alpha.market_quotes known WHERE known.market_id = tick.id)
    ON CONFLICT DO NOTHING
    RETURNING market_id
)
SELECT (SELECT count(*) FROM changed) + (SELECT count(*) FROM added) AS written,
    ARRAY(
        SELECT market_id FROM alpha.market_quotes
        WHERE market_id = ANY($1) AND market_id NOT IN (SELECT market_id FROM free)
    ) AS busy
"""


@dataclass(frozen=True, slots=True)
class QuotesWritten:
    """How many rows were written, and the markets whose rows another writer holds just now."""

    written: int
    busy: frozenset[str]


async def write_quotes(
    conn: Conn, exchange: Exchange, states: Sequence[MarketState]
) -> QuotesWritten:
    """Write what markets look like now; those the catalogue does not know are left out.

    A frame follows the order of the stream, so it replaces what a request had said before
    whatever the two clocks say; of two frames the newer one stays. A row that a sync is
    about to write is not waited for: the two would take each other's rows in another order.
    """
    if not states:
        return QuotesWritten(0, frozenset())
    names = {market_id(exchange, state.market_ext_id): state.market_ext_id for state in states}
    columns = zip(
        *(
            (
                state.ts_ms,
                state.last,
                state.bid,
                state.ask,
                state.bid_size,
                state.ask_size,
                state.volume,
                state.open_interest,
            )
            for state in states
        ),
        strict=True,
    )
    row = await conn.fetchrow(_WRITE, list(names), *(list(column) for column in columns))
    assert row is not None  # it always returns one
    return QuotesWritten(row["written"], frozenset(names[busy] for busy in row["busy"]))


async def read_requested(
    conn: Conn, exchange: Exchange, *, since: datetime
) -> list[tuple[str, Said, datetime]]:
    """Read the quotes that requests brought since a time: market, what was said, when asked."""
    rows = await conn.fetch(
        """
        SELECT ext_id, as_of,
            ARRAY[(last * 1e6)::bigint, (bid * 1e6)::bigint, (ask * 1e6)::bigint] AS prices,
            ARRAY[(bid_size * 1e2)::bigint, (ask_size * 1e2)::bigint,
                (open_interest * 1e2)::bigint, (volume * 1e2)::bigint] AS counts
        FROM alpha.market_quotes quote JOIN alpha.markets ON markets.id = quote.market_id
        WHERE exchange = $1 AND quote.fingerprint IS NOT NULL AND quote.as_of >= $2
        """,
        exchange,
        since,
    )
    return [(row["ext_id"], _to_said(row["prices"], row["counts"]), row["as_of"]) for row in rows]


async def read_states(conn: Conn, exchange: Exchange) -> list[MarketState]:
    """Read what every market that is not final looked like last, whoever said so."""
    rows = await conn.fetch(
        """
        SELECT ext_id,
            ARRAY[CASE WHEN quote.fingerprint IS NULL
                THEN (extract(epoch FROM as_of) * 1e3)::bigint ELSE 0 END,
                (last * 1e6)::bigint, (bid * 1e6)::bigint, (ask * 1e6)::bigint,
                (bid_size * 1e2)::bigint, (ask_size * 1e2)::bigint,
                (open_interest * 1e2)::bigint, (volume * 1e2)::bigint] AS numbers
        FROM alpha.market_quotes quote JOIN alpha.markets ON markets.id = quote.market_id
        WHERE exchange = $1 AND NOT is_deleted AND status <> 'settled'
        """,
        exchange,
    )
    return [MarketState._make((row["ext_id"], *row["numbers"], None)) for row in rows]


def _to_said(prices: Sequence[int | None], counts: Sequence[int | None]) -> Said:
    last, bid, ask = prices
    bid_size, ask_size, open_interest, volume = counts
    return Said(last, Quote(bid, ask, bid_size, ask_size, open_interest), volume)


class Told(NamedTuple):
    """What the database was told of a market last: when, whether by a frame, the volume."""

    as_of: datetime
    is_tick: bool
    volume: int  # cumulative, hundredths of a contract


async def read_told(conn: Conn, exchange: Exchange) -> dict[str, Told]:
    """Return what is known of every market that is not final, by `ext_id`."""
    rows = await conn.fetch(
        """
        SELECT ext_id, quote.as_of, quote.fingerprint IS NULL AS is_tick,
            (coalesce(quote.volume, 0) * 100)::bigint AS volume
        FROM alpha.markets JOIN alpha.market_quotes quote ON quote.market_id = markets.id
        WHERE exchange = $1 AND NOT is_deleted AND status <> 'settled'
        """,
        exchange,
    )
    return {row["ext_id"]: Told(row["as_of"], row["is_tick"], row["volume"]) for row in rows}
