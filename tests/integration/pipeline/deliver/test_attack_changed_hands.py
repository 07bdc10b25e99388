"""A phone that changes hands: what was on its way to who had it never reaches who has it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.domain.push import DeviceKind, PushOutcome, PushResult
from app.pipeline.deliver import deliver_all_due
from app.repositories.devices import delete_device, register_device
from app.repositories.people import see_user
from tests.integration.pipeline.deliver.conftest import DeliveryStage

KIND = DeviceKind.FCM_TOKEN


async def register(engine: AsyncEngine, stage: DeliveryStage, user_id: UUID, address: str) -> UUID:
    """Register as a request does: one transaction."""
    now = stage.clock.now()
    async with AsyncSession(engine) as session, session.begin():
        await see_user(session, user_id, now=now)
        device = await register_device(session, user_id, KIND, address, app_version=None, now=now)
        return device.id


async def sign_out(engine: AsyncEngine, user_id: UUID, device_id: UUID) -> None:
    async with AsyncSession(engine) as session, session.begin():
        assert await delete_device(session, user_id, device_id)


async def test_waiting(stage: DeliveryStage, engine: AsyncEngine) -> None:
    await stage.alert()
    (phone,) = await stage.sql("SELECT address FROM alpha.devices")

    await register(engine, stage, uuid4(), phone["address"])
    await deliver_all_due(stage.parts)

    row = await stage.one()
    assert (row["state"], row["reason"], row["address"]) == ("suppressed", "device_removed", None)
    assert stage.gateway.sent == []


@pytest.mark.parametrize("result", [PushResult.RETRY, PushResult.UNKNOWN])
async def test_between_two_attempts(
    stage: DeliveryStage, engine: AsyncEngine, result: PushResult
) -> None:
    await stage.alert()
    (phone,) = await stage.sql("SELECT address FROM alpha.devices")
    stage.gateway.answer = lambda _: PushOutcome(result, status=503)
    await deliver_all_due(stage.parts)
    assert len(stage.gateway.sent) == 1

    await register(engine, stage, uuid4(), phone["address"])
    for _ in range(4):
        await stage.clock.sleep(60)
        await deliver_all_due(stage.parts)

    assert len(stage.gateway.sent) == 1
    row = await stage.one()
    assert (row["state"], row["reason"]) == ("suppressed", "device_removed")


@pytest.mark.parametrize("moves", [True, False])
async def test_held_for_the_morning(stage: DeliveryStage, engine: AsyncEngine, moves: bool) -> None:
    expires_at = stage.clock.now() + timedelta(hours=20)
    await stage.alert(expires_at=expires_at)
    await stage.sql(
        "INSERT INTO alpha.notification_preferences (user_id, quiet_from, quiet_to,"
        " is_protect_quiet, updated_at) SELECT id, '12:00', '23:00', true, now() FROM alpha.users"
    )
    (phone,) = await stage.sql("SELECT address FROM alpha.devices")
    await deliver_all_due(stage.parts)
    assert stage.gateway.sent == []

    if moves:
        await register(engine, stage, uuid4(), phone["address"])
    await stage.clock.sleep(11 * 3_600)
    await deliver_all_due(stage.parts)

    assert len(stage.gateway.sent) == int(not moves)


async def test_signed_out_and_in_again_on_ones_own_phone(
    stage: DeliveryStage, engine: AsyncEngine
) -> None:
    await stage.alert()
    (phone,) = await stage.sql("SELECT id, user_id, address FROM alpha.devices")
    mine, stranger = phone["user_id"], uuid4()
    await sign_out(engine, mine, phone["id"])
    theirs = await register(engine, stage, stranger, phone["address"])
    await sign_out(engine, stranger, theirs)

    again = await register(engine, stage, mine, phone["address"])
    await deliver_all_due(stage.parts)

    assert again != theirs
    assert all(push.address == phone["address"] for push in stage.gateway.sent)
    assert (await stage.one())["user_id"] == mine
