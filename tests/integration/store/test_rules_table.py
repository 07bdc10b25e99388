"""The detectors' rules are the migration's rows: nothing else gives or changes a threshold."""

from app.core.database import Pool
from app.store.rules import list_rules, read_rules


async def test_the_rows_of_the_migration_are_the_rules(pool: Pool) -> None:
    async with pool.acquire() as conn:
        rules = await read_rules(conn)
        names = {row.name for row in await list_rules(conn)}
    assert {"baseline", "line_move", "volume_spike"} <= names
    assert rules.line_move
