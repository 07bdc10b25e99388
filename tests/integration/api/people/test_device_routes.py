"""Devices: registered again and again, taken over, at most twenty, addresses kept to ourselves."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import VirtualClock
from app.models.db import Device, User
from tests.factories import NOW
from tests.integration.api.people.conftest import Bearer
from tests.integration.api.serving import Client, Save
from tests.people_factories import make_device

PATH = "/v1/users/me/devices"
TOKEN = "c" + "x" * 21 + ":APA91b-secret_address-of-a-phone-WXYZ"


async def register(client: Client, address: str = TOKEN, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json={"kind": "fcm_token", "address": address, **fields})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_device_is_registered_without_echoing_its_address(mine: Client) -> None:
    made = await register(mine, app_version="1.4.0")
    listed = await mine.get(PATH)

    assert made["address_end"] == "WXYZ"
    assert (made["kind"], made["app_version"], made["is_enabled"]) == ("fcm_token", "1.4.0", True)
    assert listed.json() == {"devices": [made]}
    assert TOKEN[:-4] not in listed.text + str(made)


async def test_registering_again_is_the_same_device_enabled(
    mine: Client, session: AsyncSession, clock: VirtualClock
) -> None:
    first = await register(mine)
    device = await session.get_one(Device, UUID(first["id"]))
    device.disabled_at, device.disabled_reason = NOW, "UNREGISTERED"
    await session.flush()
    await clock.sleep(60)

    again = await register(mine, app_version="2.0")

    assert again["id"] == first["id"]
    assert (again["is_enabled"], again["disabled_reason"]) == (True, None)
    assert again["registered_at"] == "2026-11-22T12:01:00.000Z"
    assert len((await mine.get(PATH)).json()["devices"]) == 1


async def test_a_phone_in_other_hands_is_theirs_and_another_device(
    mine: Client, bearer: Bearer
) -> None:
    first = await register(mine)
    theirs = bearer(uuid4())

    taken = await mine.post(PATH, json={"kind": "fcm_token", "address": TOKEN}, headers=theirs)

    assert taken.json()["id"] != first["id"], "what is on its way to me must not reach them"
    assert (await mine.get(PATH)).json() == {"devices": []}
    assert len((await mine.get(PATH, headers=theirs)).json()["devices"]) == 1
    assert (await mine.delete(f"{PATH}/{first['id']}")).status_code == 404


async def test_of_more_than_twenty_the_oldest_is_disabled(
    mine: Client, save: Save, me: User
) -> None:
    old = [make_device(me, registered_at=NOW - timedelta(days=n)) for n in range(1, 21)]
    await save(*old)

    await register(mine)

    devices = (await mine.get(PATH)).json()["devices"]
    disabled = [device["id"] for device in devices if not device["is_enabled"]]
    assert disabled == [str(old[-1].id)]
    assert devices[-1]["disabled_reason"] == "too_many_devices"
    assert len(devices) == 21


async def test_deleting_is_for_real(mine: Client, session: AsyncSession) -> None:
    made = await register(mine)

    first = await mine.delete(f"{PATH}/{made['id']}")
    again = await mine.delete(f"{PATH}/{made['id']}")

    assert (first.status_code, first.content) == (204, b"")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert (await session.scalars(select(Device))).all() == []


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"kind": "pager"}, id="unknown kind"),
        pytest.param({"kind": None}, id="no kind"),
        pytest.param({"address": "short"}, id="short"),
        pytest.param({"address": "x" * 2_001}, id="long"),
        pytest.param({"address": "canary of a token with blanks"}, id="blanks"),
        pytest.param({"address": "canary-of-a-token\n"}, id="line break"),
        pytest.param({"address": "canary-of-a-tökên-x"}, id="not ASCII"),
        pytest.param({"address": 12345678901234567890}, id="a number"),
        pytest.param({"app_version": "1" * 41}, id="long version"),
        pytest.param({"user_id": str(uuid4())}, id="for somebody else"),
    ],
)
async def test_what_is_refused_is_not_repeated(mine: Client, changed: dict[str, Any]) -> None:
    body = {"kind": "fcm_token", "address": TOKEN, **changed}

    answer = await mine.post(PATH, json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "canary" not in answer.text
    assert (await mine.get(PATH)).json() == {"devices": []}


async def test_an_address_as_long_as_allowed_fits_the_index(mine: Client) -> None:
    address = "".join(f"{n:04d}" for n in range(500))

    assert (await register(mine, address))["address_end"] == "0499"
