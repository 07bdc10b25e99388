"""Devices against who means ill or only upgrades: no endless rows, one phone reached once."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import VirtualClock
from app.models.db import Device, User
from app.repositories.devices import MAX_KEPT
from tests.integration.api.people.conftest import Bearer
from tests.integration.api.serving import Client, Save
from tests.people_factories import make_device

PATH = "/v1/users/me/devices"
FID = "c" + "x" * 21


async def register(client: Client, kind: str, address: str, **headers: str) -> str:
    answer = await client.post(PATH, json={"kind": kind, "address": address}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def enabled(client: Client, **headers: str) -> list[str]:
    devices = (await client.get(PATH, headers=headers)).json()["devices"]
    return [device["id"] for device in devices if device["is_enabled"]]


async def test_nobody_fills_the_table(
    mine: Client, save: Save, session: AsyncSession, me: User, clock: VirtualClock
) -> None:
    other = make_device(me_too := User(id=uuid4(), timezone="UTC", created_at=clock.now()))
    old = [
        make_device(me, disabled_at=clock.now(), disabled_reason="too_many_devices")
        for _ in range(MAX_KEPT)
    ]
    await save(me_too, other, *old)
    await clock.sleep(1)

    newest = await register(mine, "fcm_token", "an-address-of-a-phone")

    count = select(func.count()).where(Device.user_id == me.id)
    assert await session.scalar(count) == MAX_KEPT
    assert await enabled(mine) == [newest]
    assert await session.scalar(select(func.count()).where(Device.user_id == me_too.id)) == 1


async def test_an_app_that_moves_to_installation_ids_is_pushed_to_once(mine: Client) -> None:
    await register(mine, "fcm_token", f"{FID}:APA91b-of-this-phone")
    another = await register(mine, "fcm_token", "another-phone-of-mine:APA91b")

    by_fid = await register(mine, "fcm_fid", FID)

    assert set(await enabled(mine)) == {another, by_fid}


@pytest.mark.parametrize("first", ["old token", "fid"])
@pytest.mark.parametrize("then", ["new token", "fid"])
async def test_a_phone_is_known_by_its_installation_in_other_hands_too(
    mine: Client, bearer: Bearer, first: str, then: str
) -> None:
    addresses = {
        "old token": ("fcm_token", f"{FID}:APA91b-old"),
        "new token": ("fcm_token", f"{FID}:APA91b-new"),
        "fid": ("fcm_fid", FID),
    }
    other = await register(mine, "fcm_token", "another-phone-of-mine:APA91b")
    await register(mine, *addresses[first])
    theirs = bearer(uuid4())

    now = await register(mine, *addresses[then], **theirs)

    assert await enabled(mine) == [other]
    assert await enabled(mine, **theirs) == [now]
