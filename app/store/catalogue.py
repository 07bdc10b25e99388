"""The catalogue's one writer: pages from an exchange in, only changed rows written."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import starmap

import asyncpg

from app.core.database import Conn
from app.domain.catalogue import CataloguePage, Event, Market, Quote, Series
from app.domain.ids import event_id, series_id
from app.domain.types import Exchange
from app.store.catalogue_compare import (
    NOTHING_KNOWN,
    Difference,
    Fingerprints,
    Found,
    Row,
    compare_quotes,
    compare_rows,
    read_fingerprints,
)
from app.store.catalogue_rows import (
    EVENTS,
    MARKETS,
    OUTCOMES,
    QUOTES,
    SERIES,
    event_row,
    market_row,
    outcome_rows,
    quote_row,
    series_row,
)
from app.store.merge import MergeTarget, TableRow, insert_rows, merge_rows

__all__ = ["NOTHING_KNOWN", "Fingerprints", "read_fingerprints", "settle_search", "write_page"]

# One writer per exchange. A plan made for a page's thousands of keys would read whole
# tables to find them; the generic plan looks each of them up. Words for the search
# indexes queue up: sorted in all at once they cost a fifth (`settle_search`).
_BEGIN = """
SELECT pg_advisory_xact_lock(hashtext($1)),
    set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('gin_pending_list_limit', '256MB', true),
    (SELECT max(epoch::text)::uuid FROM alpha.market_quotes_epoch) AS epoch
"""
_QUOTE_TRIES = 5  # then the next page brings them


async def write_page(
    conn: Conn,
    exchange: Exchange,
    page: CataloguePage,
    *,
    now: datetime,
    known: Fingerprints = NOTHING_KNOWN,
) -> Counter[str]:
    """Write what changed, in one transaction: series, events, markets, outcomes, quotes.

    A parent that is not known becomes a stub. A row older than ours is refused.

    Args:
        known: of `read_fingerprints`, spares the database the question about unchanged rows.

    Returns:
        Counts by kind of rows written (`series`, `events`, `markets`, `quotes`), and `stale`.
    """
    async with conn.transaction():
        begun = await conn.fetchrow(_BEGIN, f"catalogue:{exchange}")
        holds = begun is not None and begun["epoch"] == known.epoch
        writer = _PageWriter(conn, exchange, known if holds else NOTHING_KNOWN, now)
        await writer.write_series(page.series)
        await writer.write_events(page.events)
        await writer.write_markets(page)
        await writer.write_quotes(page.quotes)
    return writer.counts


async def settle_search(conn: Conn) -> None:
    """Sort the words that `write_page` queued into the search indexes.

    Searches are right without it, only slower; autovacuum would do the same in a while.
    """
    await conn.execute(
        """
        SELECT gin_clean_pending_list(index.oid)
        FROM pg_class index JOIN pg_am method ON method.oid = index.relam
        WHERE index.relnamespace = 'alpha'::regnamespace AND index.relkind = 'i'
          AND method.amname = 'gin' AND pg_has_role(index.relowner, 'USAGE')
        """
    )


@dataclass(frozen=True, slots=True)
class _PageWriter:
    conn: Conn
    exchange: Exchange
    known: Fingerprints
    now: datetime
    counts: Counter[str] = field(default_factory=Counter)

    async def write_series(self, incoming: Sequence[Series]) -> None:
        found = await self._compare("series", incoming)
        self.counts["series"] += await self._apply(SERIES, found, series_row)

    async def write_events(self, incoming: Sequence[Event]) -> None:
        found = await self._compare("events", incoming)
        parents = {event.series_ext_id for event, _ in found}
        await _add_stub_series(self.conn, self.exchange, parents)
        self.counts["events"] += await self._apply(EVENTS, found, event_row)

    async def write_markets(self, page: CataloguePage) -> None:
        found = await self._compare("markets", page.markets)
        await _add_stub_events(self.conn, self.exchange, [market for market, _ in found])
        read_at = {quote.market_ext_id: quote.as_of for quote in page.quotes}
        to_row = partial(market_row, now=self.now, read_at=read_at)
        self.counts["markets"] += await self._apply(MARKETS, found, to_row)
        await insert_rows(self.conn, OUTCOMES, _outcome_rows(found.new))
        await merge_rows(self.conn, OUTCOMES, _outcome_rows(found.changed))

    async def write_quotes(self, incoming: Sequence[Quote]) -> None:
        """Write quotes; the firehose may insert or hold some of them at the same time."""
        for _ in range(_QUOTE_TRIES):
            found = await compare_quotes(self.conn, self.exchange, incoming, self.known)
            with suppress(asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
                async with self.conn.transaction():
                    self.counts["quotes"] += await self._apply(QUOTES, found, quote_row)
                return

    async def _compare(self, table: str, incoming: Sequence[Row]) -> Difference[tuple[Row, int]]:
        found = await compare_rows(self.conn, self.exchange, table, incoming, self.known)
        self.counts["stale"] += found.stale
        return found

    async def _apply(
        self, target: MergeTarget, found: Difference[Found], to_row: Callable[..., TableRow]
    ) -> int:
        added = await insert_rows(self.conn, target, starmap(to_row, found.new))
        return added + await merge_rows(self.conn, target, starmap(to_row, found.changed))


def _outcome_rows(markets: Sequence[tuple[Market, int]]) -> Iterator[TableRow]:
    return (line for market, _ in markets for line in outcome_rows(market))


async def _add_stub_series(conn: Conn, exchange: Exchange, ext_ids: set[str]) -> None:
    if not ext_ids:
        return
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
    if not markets:
        return
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
