"""Registrations at once, on connections of their own: one owner, and never more than twenty."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.database import Pool
from app.domain.push import DeviceKind
from app.repositories.devices import MAX_DEVICES, register_device
from app.repositories.people import see_user
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clean_tables")


async def register(engine: AsyncEngine, user_id: UUID, address: str) -> None:
    """Register as a request does: one transaction."""
    async with AsyncSession(engine) as session, session.begin():
        await see_user(session, user_id, now=NOW)
        await register_device(
            session, user_id, DeviceKind.FCM_TOKEN, address, app_version=None, now=NOW
        )


async def test_thirty_phones_of_one_person(engine: AsyncEngine, pool: Pool) -> None:
    user_id = uuid4()

    await asyncio.gather(*(register(engine, user_id, f"address-{n}") for n in range(30)))

    rows = await pool.fetch("SELECT disabled_reason FROM alpha.devices")
    enabled = [row for row in rows if row["disabled_reason"] is None]
    assert (len(rows), len(enabled)) == (30, MAX_DEVICES)


async def test_one_phone_of_many_people(engine: AsyncEngine, pool: Pool) -> None:
    people = [uuid4() for _ in range(10)]

    await asyncio.gather(*(register(engine, user_id, "the-address") for user_id in people))

    (row,) = await pool.fetch("SELECT user_id, disabled_at FROM alpha.devices")
    assert row["user_id"] in people
    assert row["disabled_at"] is None
    assert await pool.fetchval("SELECT count(*) FROM alpha.users") == 10
