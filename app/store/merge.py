"""COPY into a temporary table, then MERGE: how a table is kept equal to its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.core.database import SCHEMA, Conn


@dataclass(frozen=True)
class MergeTarget:
    """A table that is kept equal to rows from outside.

    Attributes:
        columns: what is copied, in order; the first one is the primary key.
        fixed: columns written at insert only.
        guard: condition over `t` (ours) and `s` (incoming) under which a known
            row is overwritten; anything else is refused.
        touch: assignments added to every update.
    """

    table: str
    columns: tuple[str, ...]
    fixed: frozenset[str] = frozenset()
    guard: str = "true"
    touch: str = ""

    @property
    def incoming(self) -> str:
        """Name of the temporary table."""
        return f"incoming_{self.table}"

    @cached_property
    def create_sql(self) -> str:
        """Statement that makes the temporary table; it lives as long as the transaction."""
        names = ", ".join(self.columns)
        return (
            f"CREATE TEMPORARY TABLE {self.incoming} ON COMMIT DROP AS"
            f" SELECT {names} FROM {SCHEMA}.{self.table} WITH NO DATA"
        )

    @cached_property
    def merge_sql(self) -> str:
        """Statement that applies the temporary table."""
        key = self.columns[0]
        changed = [c for c in self.columns if c != key and c not in self.fixed]
        updates = ", ".join(f"{c} = s.{c}" for c in changed) + self.touch
        return (
            f"MERGE INTO {SCHEMA}.{self.table} t USING {self.incoming} s ON t.{key} = s.{key}"
            f" WHEN MATCHED AND {self.guard} THEN UPDATE SET {updates}"
            f" WHEN NOT MATCHED THEN INSERT ({', '.join(self.columns)})"
            f" VALUES ({', '.join(f's.{c}' for c in self.columns)})"
        )


async def merge_rows(conn: Conn, target: MergeTarget, rows: Sequence[Sequence[object]]) -> int:
    """Apply `rows` (tuples in the order of `target.columns`, keys distinct); return how many took.

    Must run inside a transaction, under the lock of the aggregate's one writer:
    MERGE is not safe against a concurrent insert of the same key.
    """
    if not rows:
        return 0
    await conn.execute(target.create_sql)
    await conn.copy_records_to_table(target.incoming, records=rows, columns=target.columns)
    status: str = await conn.execute(target.merge_sql)
    await conn.execute(f"DROP TABLE {target.incoming}")
    return int(status.split()[-1])
