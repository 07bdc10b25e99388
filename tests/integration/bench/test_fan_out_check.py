"""The referee of the fan-outs: every person and every device alike, or there is no figure."""

from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import pytest

from app.core.clock import VirtualClock
from app.core.database import Conn, create_engine
from app.store.notifications import fan_out
from bench.contest import BenchError
from bench.pipeline.alert import make_alert, open_parts
from bench.pipeline.crowd import NOW, CrowdSize, add_crowd
from bench.pipeline.fan_out import agree, compare, forget, tell_each
from bench.pipeline.per_user import tell_by_orm, tell_by_statements

HOLDERS = 120


@pytest.fixture
async def conn(database_url: str, clean_tables: None) -> AsyncIterator[Conn]:
    """A connection to a database with a crowd; its tables of the benchmark go afterwards."""
    async with (
        open_parts(database_url, VirtualClock(NOW)) as parts,
        parts.pool.acquire() as connection,
    ):
        await add_crowd(connection, CrowdSize(HOLDERS, 500))
        await make_alert(parts)
        yield connection
        await connection.execute("DROP TABLE IF EXISTS agreed_notifications, agreed_deliveries")


@pytest.fixture
async def alert_id(conn: Conn) -> UUID:
    """An alert that everybody was told of by us, which is what all others have to write."""
    found: UUID = await conn.fetchval("SELECT id FROM alpha.alerts")
    await fan_out(conn, found, now=NOW)
    await agree(conn)
    return found


@pytest.mark.parametrize("way", ["statements", "orm"])
async def test_one_person_after_the_other_is_told_what_we_tell(
    conn: Conn, alert_id: UUID, database_url: str, way: str
) -> None:
    reasons = await conn.fetch("SELECT DISTINCT suppressed_reason FROM alpha.notifications")
    assert {row["suppressed_reason"] for row in reasons} == {None, "push_off", "below_minimum"}
    engine = create_engine(database_url, size=1)
    try:
        ways = {
            "statements": partial(tell_by_statements, conn),
            "orm": partial(tell_by_orm, engine),
        }
        await forget(conn)
        await tell_each(conn, alert_id, ways[way], HOLDERS - 20)
        await compare(conn, way, HOLDERS - 20)
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("UPDATE alpha.notifications SET impact_usd = impact_usd + 0.01", "other notifications"),
        (
            "UPDATE alpha.notifications SET numbers = jsonb_set(numbers, '{is_wide}', 'true')",
            "other notifications",
        ),
        (
            "DELETE FROM alpha.deliveries WHERE id = (SELECT id FROM alpha.deliveries LIMIT 1)",
            "other deliveries: 1 rows",
        ),
        ("UPDATE alpha.deliveries SET collapse_id = 'x'", "other deliveries"),
    ],
    ids=["a-cent", "a-number", "a-device-less", "a-collapse-id"],
)
async def test_no_difference_goes_unseen(
    conn: Conn, alert_id: UUID, damage: str, complaint: str
) -> None:
    await compare(conn, "ours", HOLDERS)
    await conn.execute(damage)
    with pytest.raises(BenchError, match=complaint):
        await compare(conn, "somebody", HOLDERS)
