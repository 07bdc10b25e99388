"""SQL for pgbench keeps its meaning and its parameters."""

from datetime import UTC, datetime

import pytest

from bench.web.statement import Heard, for_pgbench


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
    assert for_pgbench(Heard(sql, ()), 0) == (written, {})


def test_arguments_become_variables_of_their_own_script() -> None:
    at = datetime(2026, 11, 22, 20, tzinfo=UTC)
    heard = Heard("SELECT $2::int, $1::text, $10", ("12.5", 100, *[None] * 7, at))
    sql, variables = for_pgbench(heard, 3)
    assert sql == "SELECT :s3_2::int, :s3_1::text, :s3_10"
    assert variables["s3_1"] == "12.5"
    assert variables["s3_2"] == "100"
    assert variables["s3_10"] == "2026-11-22T20:00:00+00:00"
