"""One person's requests at once, each in a transaction of its own: nothing lost, nothing twice."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.api.state import Connections
from app.core.clock import VirtualClock
from app.core.database import Base, Pool
from app.core.redis import Redis
from tests.factories import make_market
from tests.integration.api.people.conftest import Bearer
from tests.integration.api.people.told import save_move, tell
from tests.integration.api.serving import Client
from tests.people_factories import make_user

ME = "/v1/users/me"
AT_ONCE = 12

pytestmark = pytest.mark.usefixtures("clean_tables")


@pytest.fixture
def connections(pool: Pool, engine: AsyncEngine, redis: Redis) -> Connections:
    return Connections(pool, async_sessionmaker(engine, expire_on_commit=False), redis)


async def commit(engine: AsyncEngine, *rows: Base) -> None:
    """Write rows for everybody to see."""
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        for row in rows:
            session.add(row)
            await session.flush()


@pytest.fixture
def mine(empty_client: Client, bearer: Bearer, new_id: UUID) -> Client:
    """Somebody whom nobody has seen yet."""
    empty_client.headers.update(bearer(new_id))
    return empty_client


async def test_somebody_new_asks_many_things_at_once(mine: Client, pool: Pool) -> None:
    answers = await asyncio.gather(*(mine.get(ME) for _ in range(AT_ONCE)))

    assert {answer.status_code for answer in answers} == {200}
    assert await pool.fetchval("SELECT count(*) FROM alpha.users") == 1


async def test_changes_of_different_preferences_are_all_kept(mine: Client) -> None:
    changes: list[dict[str, Any]] = [
        {"is_push_on": False},
        {"quiet_from": "22:00", "quiet_to": "07:00"},
        {"is_protect_quiet": True},
        {"is_held_when_quiet": False},
        {"muted_kinds": ["whale"]},
        {"show_amounts": True},
        {"min_impact_usd": "12.5"},
    ]
    path = f"{ME}/preferences"

    answers = await asyncio.gather(*(mine.patch(path, json=change) for change in changes))

    assert {answer.status_code for answer in answers} == {200}
    expected: dict[str, Any] = {}
    for change in changes:
        expected |= change
    assert (await mine.get(path)).json() == expected


async def test_one_follow_put_and_dropped_many_times(
    mine: Client, engine: AsyncEngine, pool: Pool
) -> None:
    market = make_market()
    await commit(engine, market)
    path = f"{ME}/follows/market/{market.id}"

    puts = [mine.put(path, json={"push": number % 2 == 0}) for number in range(AT_ONCE)]
    answers = await asyncio.gather(*puts, mine.delete(path), mine.delete(path))

    assert {answer.status_code for answer in answers} <= {200, 204}
    assert await pool.fetchval("SELECT count(*) FROM alpha.follows") in {0, 1}


async def test_receipts_that_cross_each_other(
    mine: Client, engine: AsyncEngine, new_id: UUID, clock: VirtualClock
) -> None:
    user = make_user(id=new_id)

    async def save(*rows: Base) -> None:
        await commit(engine, *rows)

    await save(user)
    told = await tell(save, user, await save_move(save))
    path = f"/v1/notifications/{told.notification.id}/receipts"

    kinds = ["received", "opened", "muted"] * 4
    answers = await asyncio.gather(*(mine.post(path, json={"kind": kind}) for kind in kinds))
    await clock.sleep(60)
    last = (await mine.post(path, json={"kind": "opened"})).json()

    assert {answer.status_code for answer in answers} == {200}
    assert set(last.values()) == {"2026-11-22T12:00:00.000Z"}, "the first time stays"


async def test_new_ones_do_not_shift_the_pages_that_follow(
    mine: Client, engine: AsyncEngine, new_id: UUID, clock: VirtualClock
) -> None:
    user = make_user(id=new_id)

    async def save(*rows: Base) -> None:
        await commit(engine, *rows)

    await save(user)
    there = [(await tell(save, user, await save_move(save))).notification.id for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await mine.get(f"/v1/notifications?limit=2&cursor={cursor}")).json()
        seen += [shown["id"] for shown in page["notifications"]]
        await clock.sleep(1)
        await tell(save, user, await save_move(save), created_at=clock.now())
        cursor = page["cursor"]
        if cursor is None:
            break

    assert sorted(seen) == sorted(map(str, there))


async def test_a_cursor_is_good_for_its_own_list_only(
    mine: Client, engine: AsyncEngine, bearer: Bearer, new_id: UUID
) -> None:
    user, other = make_user(id=new_id), make_user()
    await commit(engine, user, other)
    for number in range(2):
        market = make_market(ext_id=f"KX-{number}")
        await commit(engine, market)
        await mine.put(f"{ME}/follows/market/{market.id}")
    cursor = (await mine.get(f"{ME}/follows?limit=1")).json()["cursor"]

    async def status(path: str, **headers: str) -> int:
        return (await mine.get(f"{path}?cursor={cursor}", headers=headers)).status_code

    assert await status(f"{ME}/follows") == 200
    assert await status(f"{ME}/follows", **bearer(other.id)) == 422
    assert await status(f"{ME}/positions") == 422
    assert await status("/v1/notifications") == 422
