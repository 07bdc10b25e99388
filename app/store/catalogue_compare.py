"""Which rows of a page differ from ours: fingerprints first, then the database about the rest."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Generic, TypeVar
from uuid import UUID

from app.core.database import Conn
from app.domain.catalogue import Event, Market, Quote, Series
from app.domain.types import Exchange, MarketId
from app.store.catalogue_rows import fingerprint, quote_fingerprint

Row = TypeVar("Row", bound=Series | Event | Market)
Found = TypeVar("Found", bound=tuple[object, ...])
_DIFFERING_ROWS = """
SELECT given.place - 1, known.id IS NULL, CASE WHEN NOT known.is_deleted THEN known.source_ts END
FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY given(ext_id, mark, place)
LEFT JOIN alpha.{table} known ON known.exchange = $1 AND known.ext_id = given.ext_id
WHERE known.fingerprint IS DISTINCT FROM given.mark OR known.is_deleted
"""
_DIFFERING_QUOTES = """
SELECT given.place - 1, quote.market_id IS NULL, market.id
FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY given(ext_id, mark, place)
JOIN alpha.markets market ON market.exchange = $1 AND market.ext_id = given.ext_id
LEFT JOIN alpha.market_quotes quote ON quote.market_id = market.id
WHERE quote.fingerprint IS DISTINCT FROM given.mark
ORDER BY market.id
"""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What we held when a sync began; worth nothing once the quotes' epoch is another.

    A fingerprint covers the row's key too: a row whose fingerprint is in `marks` is unchanged.
    """

    epoch: UUID | None = None
    marks: AbstractSet[int] = frozenset()


NOTHING_KNOWN = Fingerprints()


@dataclass(frozen=True, slots=True)
class Difference(Generic[Found]):
    """What is to be written: rows we do not have, rows that differ; `stale` is older than ours."""

    new: Sequence[Found] = ()
    changed: Sequence[Found] = ()
    stale: int = 0

    def __iter__(self) -> Iterator[Found]:
        return chain(self.new, self.changed)


async def read_fingerprints(conn: Conn, exchange: Exchange) -> Fingerprints:
    """Read the fingerprints of an exchange's live markets and of their quotes.

    Begins an epoch of the quotes when there is none: the table is unlogged, and a
    crash of the server empties it and its epoch alike.
    """
    await conn.execute(
        "INSERT INTO alpha.market_quotes_epoch (epoch) SELECT gen_random_uuid()"
        " WHERE NOT EXISTS (SELECT FROM alpha.market_quotes_epoch)"
    )
    row = await conn.fetchrow(
        """
        SELECT (SELECT max(epoch::text)::uuid FROM alpha.market_quotes_epoch) AS epoch,
            array_agg(market.fingerprint) AS markets, array_agg(quote.fingerprint) AS quotes
        FROM alpha.markets market LEFT JOIN alpha.market_quotes quote ON market_id = market.id
        WHERE market.exchange = $1 AND NOT market.is_deleted
        """,
        exchange,
    )
    if row is None:
        return NOTHING_KNOWN
    return Fingerprints(row["epoch"], {*(row["markets"] or ()), *(row["quotes"] or ())})


async def compare_rows(
    conn: Conn, exchange: Exchange, table: str, incoming: Sequence[Row], known: Fingerprints
) -> Difference[tuple[Row, int]]:
    """Find the rows that differ from those of `table`, each with its fingerprint.

    Of several versions of a row the newest counts; one older than ours is refused.
    """
    asked = [
        (row, mark) for row in _newest(incoming) if (mark := fingerprint(row)) not in known.marks
    ]
    if not asked:
        return Difference()
    ext_ids, marks = [row.ext_id for row, _ in asked], [mark for _, mark in asked]
    differing = await conn.fetch(_DIFFERING_ROWS.format(table=table), exchange, ext_ids, marks)
    fresh = [
        (is_new, asked[place])
        for place, is_new, our_ts in differing
        if not _is_older(asked[place][0].source_ts, our_ts)
    ]
    return _sorted_out(fresh, stale=len(differing) - len(fresh))


async def compare_quotes(
    conn: Conn, exchange: Exchange, incoming: Sequence[Quote], known: Fingerprints
) -> Difference[tuple[Quote, MarketId, int]]:
    """Find the quotes that differ from ours, each with its market and fingerprint.

    Of several for a market the newest counts; those of unknown markets are left out.
    """
    newest = {quote.market_ext_id: quote for quote in sorted(incoming, key=lambda q: q.as_of)}
    asked = [
        (q, mark) for q in newest.values() if (mark := quote_fingerprint(q)) not in known.marks
    ]
    if not asked:
        return Difference()
    ext_ids, marks = [quote.market_ext_id for quote, _ in asked], [mark for _, mark in asked]
    differing = await conn.fetch(_DIFFERING_QUOTES, exchange, ext_ids, marks)
    return _sorted_out([(is_new, (asked[n][0], key, asked[n][1])) for n, is_new, key in differing])


def _sorted_out(fresh: Sequence[tuple[bool, Found]], *, stale: int = 0) -> Difference[Found]:
    return Difference(
        [found for is_new, found in fresh if is_new],
        [found for is_new, found in fresh if not is_new],
        stale,
    )


def _is_older(source_ts: datetime | None, our_ts: datetime | None) -> bool:
    return source_ts is not None and our_ts is not None and source_ts < our_ts


def _version(row: Series | Event | Market) -> tuple[bool, float]:
    return (row.source_ts is not None, row.source_ts.timestamp() if row.source_ts else 0)


def _newest(rows: Sequence[Row]) -> list[Row]:
    """Keep one row per key, the newest; of two that are equally new the later one."""
    kept: dict[str, Row] = {}
    for row in rows:
        known = kept.get(row.ext_id)
        if known is None or _version(row) >= _version(known):
            kept[row.ext_id] = row
    return [kept[key] for key in sorted(kept)]
