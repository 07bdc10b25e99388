"""What the tables themselves refuse: a confirmed alert without evidence, and evidence elsewhere."""

from uuid import UUID, uuid5

import asyncpg
import pytest

from app.core.database import Conn, Pool
from tests.pipeline_factories import (
    NOW,
    PEOPLE,
    add_market,
    change,
    decide_and_tell,
    detect,
    make_detection,
    make_parts,
    prices,
)

pytestmark = pytest.mark.usefixtures("clean_tables")


async def add_alert(pool: Pool) -> UUID:
    """Make an unexplained alert the usual way."""
    async with pool.acquire() as conn:
        market = await add_market(conn, "KXGAME-1-BOS")
    await detect(pool, make_detection([change(market, prices("0.62"), prices("0.48"))]))
    await decide_and_tell(make_parts(pool))
    alert_id: UUID = await pool.fetchval("SELECT id FROM alpha.alerts")
    return alert_id


async def add_signal(conn: Conn, *, kind: str = "injury", explains: bool = True) -> UUID:
    """Store a fact."""
    signal_id = uuid5(PEOPLE, kind)
    await conn.execute(
        """
        INSERT INTO alpha.signals
            (id, source, source_event_id, kind, explains, source_at, observed_at, fact_version)
        VALUES ($1, 'espn', $2, $2, $3, $4, $4, 'status=out')
        """,
        signal_id,
        kind,
        explains,
        NOW,
    )
    return signal_id


async def test_an_unexplained_alert_takes_no_evidence(pool: Pool) -> None:
    alert_id = await add_alert(pool)
    async with pool.acquire() as conn:
        signal_id = await add_signal(conn)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await conn.execute(
                "INSERT INTO alpha.alert_evidence (alert_id, signal_id) VALUES ($1, $2)",
                alert_id,
                signal_id,
            )
        with pytest.raises(asyncpg.CheckViolationError):
            await conn.execute(
                """
                INSERT INTO alpha.alert_evidence (alert_id, signal_id, tier)
                VALUES ($1, $2, 'unexplained')
                """,
                alert_id,
                signal_id,
            )


async def test_an_alert_cannot_be_confirmed_without_evidence(pool: Pool) -> None:
    alert_id = await add_alert(pool)
    async with pool.acquire() as conn:
        with pytest.raises(asyncpg.CheckViolationError):
            await conn.execute("UPDATE alpha.alerts SET tier = 'confirmed' WHERE id = $1", alert_id)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await conn.execute(
                "UPDATE alpha.alerts SET tier = 'confirmed', evidence_id = $2 WHERE id = $1",
                alert_id,
                await add_signal(conn),
            )


async def test_with_evidence_that_explains_it_can(pool: Pool) -> None:
    alert_id = await add_alert(pool)
    async with pool.acquire() as conn, conn.transaction():
        signal_id = await add_signal(conn)
        await conn.execute(
            "UPDATE alpha.alerts SET tier = 'confirmed', evidence_id = $2 WHERE id = $1",
            alert_id,
            signal_id,
        )
        await conn.execute(
            "INSERT INTO alpha.alert_evidence (alert_id, signal_id) VALUES ($1, $2)",
            alert_id,
            signal_id,
        )


async def test_what_never_explains_is_no_evidence(pool: Pool) -> None:
    alert_id = await add_alert(pool)
    async with pool.acquire() as conn:
        whale = await add_signal(conn, kind="whale_trade", explains=False)
        await conn.execute("ALTER TABLE alpha.alerts DISABLE TRIGGER ALL")
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await conn.execute(
                "INSERT INTO alpha.alert_evidence (alert_id, signal_id) VALUES ($1, $2)",
                alert_id,
                whale,
            )
        await conn.execute("ALTER TABLE alpha.alerts ENABLE TRIGGER ALL")
