"""Rows a vendor sent that we could not keep; a repeat is counted, not stored again."""

from collections.abc import Sequence
from datetime import datetime

import xxhash

from app.core.database import Conn
from app.domain.catalogue import Reject

_MAX_RAW = 4_000
_MAX_REASON = 300


def _row_hash(reject: Reject) -> int:
    key = f"{reject.ext_id}|{reject.reason}|{'' if reject.ext_id else reject.raw}"
    return xxhash.xxh3_64_intdigest(key.encode("utf-8", "replace")) - 2**63


def _clean(text: str, length: int) -> str:
    """Cut, and drop what PostgreSQL text cannot hold (NUL, lone surrogates)."""
    return text[:length].replace("\x00", "").encode("utf-8", "replace").decode()


async def record_rejects(conn: Conn, rejects: Sequence[Reject], *, now: datetime) -> int:
    """Store rejected rows; return how many distinct ones there were."""
    distinct = {(r.source, r.kind, _row_hash(r)): r for r in rejects}
    rows = [
        (
            source,
            kind,
            _clean(reject.ext_id, 200) if reject.ext_id else None,
            _clean(reject.reason, _MAX_REASON),
            _clean(reject.raw, _MAX_RAW),
            row_hash,
            now,
        )
        for (source, kind, row_hash), reject in sorted(distinct.items(), key=lambda item: item[0])
    ]
    await conn.executemany(
        """
        INSERT INTO alpha.ingest_rejects AS known
            (source, kind, ext_id, reason, raw, row_hash, first_seen_at, last_seen_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
        ON CONFLICT (source, kind, row_hash) DO UPDATE SET
            times = known.times + 1, last_seen_at = excluded.last_seen_at, raw = excluded.raw
        """,
        rows,
    )
    return len(rows)


async def count_rejects(conn: Conn) -> int:
    """Return how many distinct rows were ever refused and not yet forgotten."""
    total: int = await conn.fetchval("SELECT count(*) FROM alpha.ingest_rejects")
    return total


async def delete_old_rejects(conn: Conn, *, before: datetime) -> int:
    """Forget rejects not seen since `before`; return how many."""
    status: str = await conn.execute(
        "DELETE FROM alpha.ingest_rejects WHERE last_seen_at < $1", before
    )
    return int(status.split()[-1])
