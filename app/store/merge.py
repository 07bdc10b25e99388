"""COPY what is new, COPY and MERGE what changed: how a table is kept equal to its source."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from app.core.database import SCHEMA, Conn

TableRow = Sequence[object]  # in the order of a target's columns


@dataclass(frozen=True)
class MergeTarget:
    """A table that is kept equal to rows from outside.

    Attributes:
        columns: what is copied, in order; the first one is the primary key.
        fixed: columns written at insert only.
        guard: condition over `t` (ours) and `s` (incoming) under which a known
            row is overwritten; anything else is refused.
        touch: assignments added to every update.
        apart: columns that a refused row still brings, under `apart_guard`.
    """

    table: str
    columns: tuple[str, ...]
    fixed: frozenset[str] = frozenset()
    guard: str = "true"
    touch: str = ""
    apart: tuple[str, ...] = ()
    apart_guard: str = "false"

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
            f" WHEN MATCHED AND {self.guard} THEN UPDATE SET {updates}{self._apart_sql}"
            f" WHEN NOT MATCHED THEN INSERT ({', '.join(self.columns)})"
            f" VALUES ({', '.join(f's.{c}' for c in self.columns)})"
        )

    @property
    def _apart_sql(self) -> str:
        if not self.apart:
            return ""
        ours, given = (", ".join(f"{side}.{c}" for c in self.apart) for side in "ts")
        updates = ", ".join(f"{c} = s.{c}" for c in self.apart)
        return (
            f" WHEN MATCHED AND {self.apart_guard} AND ({ours}) IS DISTINCT FROM ({given})"
            f" THEN UPDATE SET {updates}"
        )


async def insert_rows(conn: Conn, target: MergeTarget, rows: Iterable[TableRow]) -> int:
    """COPY rows whose keys the table does not have straight into it; return how many.

    The server inserts what has arrived while a generator makes the rest.
    Safe under the same conditions as `merge_rows`.
    """
    given = _unless_empty(rows)
    if given is None:
        return 0
    status: str = await conn.copy_records_to_table(
        target.table, schema_name=SCHEMA, records=given, columns=target.columns
    )
    return _count(status)


async def merge_rows(conn: Conn, target: MergeTarget, rows: Iterable[TableRow]) -> int:
    """Apply rows (keys distinct) to a table that may have them; return how many took.

    Must run inside a transaction, under the lock of the aggregate's one writer:
    MERGE is not safe against a concurrent insert of the same key.
    """
    given = _unless_empty(rows)
    if given is None:
        return 0
    await conn.execute(target.create_sql)
    await conn.copy_records_to_table(target.incoming, records=given, columns=target.columns)
    status: str = await conn.execute(target.merge_sql)
    await conn.execute(f"DROP TABLE {target.incoming}")
    return _count(status)


def _unless_empty(rows: Iterable[TableRow]) -> Iterator[TableRow] | None:
    """Return what to read, None when that is nothing: an idle sync must not even begin."""
    iterator = iter(rows)
    first = next(iterator, None)
    return None if first is None else chain((first,), iterator)


def _count(status: str) -> int:
    """Read the number of rows off a command tag (`COPY 5`)."""
    return int(status.split()[-1])
