"""Shadow mode, kill switches, and taking an alert back."""

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from uuid import UUID

import pytest

from app.core.database import Pool
from app.domain.words import render
from app.store import switches
from app.store.alert_control import retract_alert
from tests.pipeline_factories import (
    NOW,
    add_market,
    add_person,
    add_position,
    change,
    decide_and_tell,
    detect,
    make_detection,
    make_parts,
    prices,
)

pytestmark = pytest.mark.usefixtures("clean_tables")


async def move(pool: Pool, *, switch: str | None = None) -> None:
    """Let a market that somebody holds move, with a switch on."""
    async with pool.acquire() as conn:
        market = await add_market(conn, "KXGAME-1-BOS")
        for name in ("holder", "other"):
            await add_position(conn, await add_person(conn, name), market, "100")
        if switch is not None:
            await switches.turn(conn, switch, is_on=True, now=NOW)
    await detect(
        pool,
        make_detection(
            [change(market, prices("0.62", "0.61", "0.63"), prices("0.48", "0.47", "0.49"))]
        ),
    )
    await decide_and_tell(make_parts(pool))


async def test_shadow_mode_decides_and_records_but_does_not_send(pool: Pool) -> None:
    await move(pool, switch="shadow:line_move:unexplained")
    rows = await pool.fetch("SELECT suppressed_reason FROM alpha.notifications")
    assert [row["suppressed_reason"] for row in rows] == ["shadow", "shadow"]
    assert await pool.fetchval("SELECT is_shadow FROM alpha.alerts")
    assert await pool.fetchval("SELECT count(*) FROM alpha.deliveries") == 0


async def test_shadow_of_another_kind_or_tier_changes_nothing(pool: Pool) -> None:
    await move(pool, switch="shadow:line_move:confirmed")
    assert await pool.fetchval("SELECT count(*) FROM alpha.deliveries") == 2


async def test_a_killed_detector_is_recorded_and_silent(pool: Pool) -> None:
    await move(pool, switch="kill:line_move")
    row = await pool.fetchrow("SELECT outcome, outcome_reason FROM alpha.detections")
    assert row is not None
    assert tuple(row) == ("suppressed", "killed")
    assert await pool.fetchval("SELECT count(*) FROM alpha.alerts") == 0


async def test_taking_back_stops_what_waits_and_corrects_what_was_taken(pool: Pool) -> None:
    await move(pool)
    first: UUID = await pool.fetchval(
        """
        UPDATE alpha.deliveries SET state = 'accepted', accepted_at = $1 WHERE id = (
            SELECT d.id FROM alpha.deliveries d JOIN alpha.users u ON u.id = d.user_id
            WHERE u.display_name = 'holder')
        RETURNING alert_id
        """,
        NOW,
    )
    later = NOW + timedelta(minutes=20)
    async with pool.acquire() as conn, conn.transaction():
        (done,) = await retract_alert(conn, first, reason="a mistake", now=later)
    assert done["not_sent"] == 1
    async with pool.acquire() as conn, conn.transaction():
        (again,) = await retract_alert(conn, first, reason="once more", now=later)
    assert again["not_sent"] == 0
    await decide_and_tell(make_parts(pool, now=later))
    rows = await pool.fetch(
        """
        SELECT u.display_name AS name, n.template, n.numbers, d.state::text, d.collapse_id
        FROM alpha.notifications n JOIN alpha.users u ON u.id = n.user_id
        JOIN alpha.alerts a ON a.id = n.alert_id AND a.reason = 'correction'
        LEFT JOIN alpha.deliveries d ON d.notification_id = n.id
        """
    )
    assert [(row["name"], row["state"]) for row in rows] == [("holder", "pending")]
    assert render(rows[0]["template"], rows[0]["numbers"], show_amounts=True).body.startswith(
        "Correction: our last alert about this market was wrong."
    )
    assert await pool.fetchval("SELECT count(DISTINCT collapse_id) FROM alpha.deliveries") == 2
    assert await pool.fetchval("SELECT count(*) FROM alpha.audit_log") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["on", "kill:everything"], "no switch 'kill:everything'", id="switch"),
        pytest.param(["retract", "nonsense"], "no alert's id", id="id"),
        pytest.param(["retract"], "needs an id", id="nothing"),
        pytest.param(["show", str(UUID(int=9))], "There is no alert", id="unknown"),
        pytest.param(["burn"], "no action 'burn'", id="action"),
    ],
)
async def test_an_operators_mistake_is_one_line(
    database_url: str, arguments: list[str], says: str
) -> None:
    code, out, error = await alpha(database_url, *arguments)
    assert (code, out) == (1, "")
    assert says in error.strip().splitlines()[-1]
    assert "Traceback" not in error


async def test_the_command_turns_switches(pool: Pool, database_url: str) -> None:
    code, out, _ = await alpha(database_url, "on", "kill:line_move", "--note", "drill", "--json")
    assert code == 0
    (row,) = json.loads(out)
    assert (row["name"], row["is_on"], row["note"]) == ("kill:line_move", True, "drill")
    code, _, _ = await alpha(database_url, "off", "kill:line_move")
    async with pool.acquire() as conn:
        assert not await switches.is_on(conn, "kill:line_move", now=NOW + timedelta(days=9_000))


async def alpha(database_url: str, *arguments: str) -> tuple[int, str, str]:
    """Run `alpha alerts`."""
    return await asyncio.to_thread(_alpha, database_url, arguments)


def _alpha(database_url: str, arguments: tuple[str, ...]) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "alerts", *arguments],
        env={"DATABASE_URL": database_url, "REDIS_URL": "redis://127.0.0.1:1", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
