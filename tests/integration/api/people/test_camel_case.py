"""Where answers are spelled in camelCase, so may bodies be; snake_case is read everywhere."""

from collections.abc import AsyncIterator

import pytest

from app.api.state import Connections
from app.core.clock import VirtualClock
from app.core.config import ApiCase, Settings
from app.main import create_app
from app.models.db import User
from tests.integration.api.people.conftest import Bearer
from tests.integration.api.people.told import save_move, tell
from tests.integration.api.serving import Client, Save, serve


@pytest.fixture
async def camel(
    settings: Settings, clock: VirtualClock, connections: Connections, bearer: Bearer, me: User
) -> AsyncIterator[Client]:
    settings.app = settings.app.model_copy(update={"api_case": ApiCase.CAMEL})
    async with serve(create_app(settings, clock, connections=connections)) as client:
        client.headers.update(bearer(me.id))
        yield client


@pytest.mark.parametrize("name", ["showAmounts", "show_amounts"])
async def test_bodies(camel: Client, name: str) -> None:
    answer = await camel.patch("/v1/users/me/preferences", json={name: True})

    assert (answer.status_code, answer.json()["showAmounts"]) == (200, True)


async def test_a_field_in_both_spellings_is_refused(camel: Client) -> None:
    both = {"showAmounts": True, "show_amounts": False}

    answer = await camel.patch("/v1/users/me/preferences", json=both)

    assert answer.status_code == 422


async def test_answers_and_the_document(camel: Client, save: Save, me: User) -> None:
    told = await tell(save, me, await save_move(save))

    why = (await camel.get(f"/v1/notifications/{told.notification.id}/why")).json()
    document = (await camel.get("/openapi.json")).json()

    assert why["detections"][0]["ruleVersion"] == 3
    assert why["timings"]["deliveryMs"] == 450
    schemas = document["components"]["schemas"]
    assert set(why) == set(schemas["WhyOut"]["required"])
    assert "quietFrom" in schemas["PreferencesIn"]["properties"]
