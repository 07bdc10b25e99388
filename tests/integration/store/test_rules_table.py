"""The detectors' rules are the migration's rows: nothing else gives or changes a threshold."""

import os
import re
from pathlib import Path

import pytest

from app.core.database import Pool
from app.domain.market_kinds import PolicyName
from app.store.rules import list_rules, read_rules
from tests.unit.domain.detectors.market_tape import production_rules, rule_rows

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("app", "local", "sandbox", "evaluation", "bench")
WRITES = re.compile(r"(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|COPY)\s+alpha\.rules\b", re.I)


async def test_the_rows_of_the_migration_are_the_rules(pool: Pool) -> None:
    async with pool.acquire() as conn:
        rules = await read_rules(conn)
        rows = {row.name: (row.version, row.body) for row in await list_rules(conn)}
    assert rules == production_rules()
    for name, (version, body) in rule_rows().items():
        assert rows[name][0] == version
        assert set(rows[name][1]) == set(body)


async def test_the_environment_changes_no_rule(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINE_MOVE", "LINE_MOVE_MIN_CENTS", "MIN_CONTRACTS", "RULES", "MAX_WAIT_S"):
        monkeypatch.setitem(os.environ, name, "1")
    async with pool.acquire() as conn:
        assert await read_rules(conn) == production_rules()


async def test_a_changed_row_changes_the_rule_and_a_broken_one_is_named(pool: Pool) -> None:
    async with pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        await conn.execute(
            """
            UPDATE alpha.rules SET version = 7,
                body = jsonb_set(body, '{policies,pre_game,max_wait_s}', '60')
            WHERE name = 'line_move'
            """
        )
        changed = await read_rules(conn)
        rule = changed.line_move[PolicyName.PRE_GAME]
        await conn.execute("UPDATE alpha.rules SET body = '{}' WHERE name = 'volume_spike'")
        with pytest.raises(ValueError, match=r"^rule volume_spike: policies is not an object$"):
            await read_rules(conn)
        await transaction.rollback()
    assert (rule.version, rule.max_wait_s) == (7, 60)


def test_only_migrations_write_rules() -> None:
    paths = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    assert len(paths) > 200
    writers = [path for path in paths if WRITES.search(path.read_text())]
    assert writers == []
