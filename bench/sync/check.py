"""The check: every contender's tables must hold the same rows, to the last digit."""

from dataclasses import dataclass, field

from app.core.database import SCHEMA
from bench.arena import Database
from bench.contest import BenchError
from bench.sync.rows import TARGETS

Digest = tuple[tuple[int, str], ...]  # rows and hash of every table


async def read_digest(database: Database, schema: str = SCHEMA) -> Digest:
    """Count and hash the rows of all catalogue tables, whatever their order."""
    found = []
    for target in TARGETS:
        row = await database.conn.fetchrow(
            f"SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text"
            f" FROM (SELECT {', '.join(target.columns)} FROM {schema}.{target.table}) r"
        )
        if row is not None:
            found.append((row[0], row[1]))
    return tuple(found)


@dataclass(slots=True)
class Referee:
    """Remembers what the tables hold after a piece of work; everyone must agree."""

    _agreed: dict[object, tuple[str, Digest]] = field(default_factory=dict)

    async def judge(
        self, who: str, database: Database, *, markets: int, work: object, schema: str = SCHEMA
    ) -> None:
        """Compare `who`'s tables with the first who did the same `work`.

        Args:
            markets: how many there must be, with two outcomes and a quote each.

        Raises:
            BenchError: a row is missing, or anything in one differs.
        """
        digest = await read_digest(database, schema)
        counts = [count for count, _ in digest[2:]]
        if counts != [markets, 2 * markets, markets]:
            raise BenchError(f"{who} left {counts} markets, outcomes and quotes of {markets}.")
        first, agreed = self._agreed.setdefault(work, (who, digest))
        if digest != agreed:
            tables = [t.table for t, a, b in zip(TARGETS, digest, agreed, strict=True) if a != b]
            raise BenchError(f"{who} and {first} disagree about the rows of {', '.join(tables)}.")
