"""Requests on connections of their own: what was answered is there, what failed left nothing."""

from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.api.routes.follows import MAX_FOLLOWS
from app.api.state import Connections
from app.core.database import Pool
from app.core.redis import Redis
from tests.factories import make_market
from tests.integration.api.people.conftest import Bearer
from tests.integration.api.serving import Client
from tests.people_factories import make_follow, make_user

ADDRESS = "an-address-of-a-phone"

pytestmark = pytest.mark.usefixtures("clean_tables")


@pytest.fixture
def connections(pool: Pool, engine: AsyncEngine, redis: Redis) -> Connections:
    return Connections(pool, async_sessionmaker(engine, expire_on_commit=False), redis)


async def test_what_was_answered_is_there(
    empty_client: Client, bearer: Bearer, new_id: UUID, pool: Pool
) -> None:
    body = {"kind": "fcm_token", "address": ADDRESS}

    answer = await empty_client.post("/v1/users/me/devices", json=body, headers=bearer(new_id))

    assert answer.status_code == 200
    row = await pool.fetchrow("SELECT id, user_id FROM alpha.devices")
    assert row is not None
    assert (row["id"], row["user_id"]) == (UUID(answer.json()["id"]), new_id)


async def test_what_was_refused_left_nothing(
    empty_client: Client, bearer: Bearer, engine: AsyncEngine, pool: Pool
) -> None:
    user, market = make_user(), make_market()
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        session.add_all([user, market])
        await session.flush()
        session.add_all([make_follow(user, UUID(int=n)) for n in range(MAX_FOLLOWS)])
    path = f"/v1/users/me/follows/market/{market.id}"

    answer = await empty_client.put(path, headers=bearer(user.id))

    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_follows")
    assert await pool.fetchval("SELECT count(*) FROM alpha.follows") == MAX_FOLLOWS
    seen = await pool.fetchval("SELECT last_seen_at FROM alpha.users WHERE id = $1", user.id)
    assert seen is None
