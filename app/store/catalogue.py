"""The catalogue's one writer: pages from an exchange in, only changed rows written."""

from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import TypeVar

from app.core.database import Conn
from app.domain.catalogue import CataloguePage, Event, Market, Quote, Series
from app.domain.ids import event_id, market_id, series_id
from app.domain.types import Exchange
from app.store.catalogue_rows import (
    EVENTS,
    MARKETS,
    OUTCOMES,
    QUOTES,
    SERIES,
    event_row,
    fingerprint,
    market_row,
    outcome_rows,
    quote_fingerprint,
    quote_row,
    series_row,
)
from app.store.merge import merge_rows

Row = TypeVar("Row", Series, Event, Market)

_DIFFERING = """
SELECT given.place, NOT known.is_deleted AND coalesce(given.source_ts < known.source_ts, false)
FROM unnest($1::text[], $2::bigint[], $3::timestamptz[])
    WITH ORDINALITY given(ext_id, mark, source_ts, place)
LEFT JOIN alpha.{table} known ON known.exchange = $4 AND known.ext_id = given.ext_id
WHERE known.fingerprint IS DISTINCT FROM given.mark OR known.is_deleted
"""


async def write_page(
    conn: Conn, exchange: Exchange, page: CataloguePage, *, now: datetime
) -> Counter[str]:
    """Write what changed, in one transaction: series, events, markets, outcomes, quotes.

    A parent that is not known becomes a stub. A row older than ours is refused.

    Returns:
        Counts by kind of rows written (`series`, `events`, `markets`, `quotes`), and `stale`.
    """
    counts: Counter[str] = Counter()
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"catalogue:{exchange}")
        await _write_series(conn, exchange, page.series, counts)
        await _write_events(conn, exchange, page.events, counts)
        await _write_markets(conn, exchange, page.markets, counts, now=now)
        await _write_quotes(conn, exchange, page.quotes, counts)
    return counts


async def _write_series(
    conn: Conn, exchange: Exchange, incoming: Sequence[Series], counts: Counter[str]
) -> None:
    changed = await _changed(conn, "series", exchange, incoming, counts)
    rows = [series_row(row, mark) for row, mark in changed]
    counts["series"] += await merge_rows(conn, SERIES, rows)


async def _write_events(
    conn: Conn, exchange: Exchange, incoming: Sequence[Event], counts: Counter[str]
) -> None:
    changed = await _changed(conn, "events", exchange, incoming, counts)
    await _add_stub_series(conn, exchange, {row.series_ext_id for row, _ in changed})
    rows = [event_row(row, mark) for row, mark in changed]
    counts["events"] += await merge_rows(conn, EVENTS, rows)


async def _write_markets(
    conn: Conn,
    exchange: Exchange,
    incoming: Sequence[Market],
    counts: Counter[str],
    *,
    now: datetime,
) -> None:
    changed = await _changed(conn, "markets", exchange, incoming, counts)
    await _add_stub_events(conn, exchange, [row for row, _ in changed])
    rows = [market_row(row, mark, now=now) for row, mark in changed]
    counts["markets"] += await merge_rows(conn, MARKETS, rows)
    lines = [line for row, _ in changed for line in outcome_rows(row)]
    await merge_rows(conn, OUTCOMES, lines)


async def _write_quotes(
    conn: Conn, exchange: Exchange, incoming: Sequence[Quote], counts: Counter[str]
) -> None:
    newest = {quote.market_ext_id: quote for quote in sorted(incoming, key=lambda q: q.as_of)}
    quotes = list(newest.values())
    marks = [quote_fingerprint(quote) for quote in quotes]
    differing = await conn.fetch(
        """
        SELECT given.place
        FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY given(ext_id, mark, place)
        JOIN alpha.markets market ON market.exchange = $1 AND market.ext_id = given.ext_id
        LEFT JOIN alpha.market_quotes quote ON quote.market_id = market.id
        WHERE quote.fingerprint IS DISTINCT FROM given.mark
        ORDER BY market.id
        """,
        exchange,
        list(newest),
        marks,
    )
    rows = [
        quote_row(quotes[place - 1], market_id(exchange, quotes[place - 1].market_ext_id), mark)
        for place, mark in ((place, marks[place - 1]) for (place,) in differing)
    ]
    counts["quotes"] += await merge_rows(conn, QUOTES, rows)


async def _changed(
    conn: Conn, table: str, exchange: Exchange, incoming: Sequence[Row], counts: Counter[str]
) -> list[tuple[Row, int]]:
    """Return the rows that differ from ours and are not older, with their fingerprints."""
    rows = _newest(incoming)
    marks = [fingerprint(row) for row in rows]
    differing = await conn.fetch(
        _DIFFERING.format(table=table),
        [row.ext_id for row in rows],
        marks,
        [row.source_ts for row in rows],
        exchange,
    )
    fresh = [place for place, is_stale in differing if not is_stale]
    counts["stale"] += len(differing) - len(fresh)
    return [(rows[place - 1], marks[place - 1]) for place in fresh]


def _version(row: Series | Event | Market) -> tuple[bool, float]:
    return (row.source_ts is not None, row.source_ts.timestamp() if row.source_ts else 0)


def _newest(rows: Sequence[Row]) -> list[Row]:
    """Keep one row per key, the newest; of two that are equally new the later one."""
    kept: dict[Hashable, Row] = {}
    for row in rows:
        known = kept.get(row.ext_id)
        if known is None or _version(row) >= _version(known):
            kept[row.ext_id] = row
    return [kept[key] for key in sorted(kept, key=str)]


async def _add_stub_series(conn: Conn, exchange: Exchange, ext_ids: set[str]) -> None:
    ordered = sorted(ext_ids)
    await conn.execute(
        """
        INSERT INTO alpha.series (id, exchange, ext_id, title, is_stub, fingerprint)
        SELECT id, $3, ext_id, ext_id, true, 0 FROM unnest($1::uuid[], $2::text[]) g(id, ext_id)
        WHERE NOT EXISTS (SELECT FROM alpha.series known WHERE known.id = g.id)
        ON CONFLICT DO NOTHING
        """,
        [series_id(exchange, ext_id) for ext_id in ordered],
        ordered,
        exchange,
    )


async def _add_stub_events(conn: Conn, exchange: Exchange, markets: Sequence[Market]) -> None:
    parents = {
        market.event_ext_id: market.series_ext_id or market.event_ext_id for market in markets
    }
    ordered = sorted(parents)
    missing = await conn.fetch(
        """
        SELECT ext_id FROM unnest($1::uuid[], $2::text[]) g(id, ext_id)
        WHERE NOT EXISTS (SELECT FROM alpha.events known WHERE known.id = g.id)
        """,
        [event_id(exchange, ext_id) for ext_id in ordered],
        ordered,
    )
    stubs = [row["ext_id"] for row in missing]
    if not stubs:
        return
    await _add_stub_series(conn, exchange, {parents[ext_id] for ext_id in stubs})
    await conn.execute(
        """
        INSERT INTO alpha.events (id, exchange, ext_id, series_id, title, is_stub, fingerprint)
        SELECT id, $4, ext_id, series_id, ext_id, true, 0
        FROM unnest($1::uuid[], $2::text[], $3::uuid[]) g(id, ext_id, series_id)
        ON CONFLICT DO NOTHING
        """,
        [event_id(exchange, ext_id) for ext_id in stubs],
        stubs,
        [series_id(exchange, parents[ext_id]) for ext_id in stubs],
        exchange,
    )
