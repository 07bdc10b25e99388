"""SQL for pgbench keeps its meaning."""

import pytest

from bench.web.statement import for_pgbench


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("SELECT 'a'::text", "SELECT 'a'::text"),
        ("SELECT 'HH24:MI:SS', 'b'", r"SELECT E'HH24\x3aMI\x3aSS', 'b'"),
        ("SELECT 'it''s 1:2'::text", r"SELECT E'it''s 1\x3a2'::text"),
    ],
    ids=["cast", "time-format", "quote-inside"],
)
def test_colons_inside_literals_are_no_variables(sql: str, written: str) -> None:
    assert for_pgbench(sql) == written
