"""What a stranger would misread: answers that hide a fact, mislead, or fall over one bad row."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.models.db import User
from tests.alert_factories import MOVED
from tests.factories import NOW
from tests.integration.api.people.told import save_move, tell
from tests.integration.api.serving import Client, Save

ME = "/v1/users/me"


async def test_activity_says_what_was_taken_back(client: Client, save: Save) -> None:
    move = await save_move(save, retracted_at=NOW, retracted_reason="wrong price")

    said = (await client.get(f"/v1/markets/{move.market.id}/activity")).json()["activity"]

    found = {entry["what"]: entry["retracted_at"] for entry in said}
    assert found == {"alert": "2026-11-22T12:00:00.000Z", "detection": None}


async def test_what_we_noted_about_a_mistake_stays_with_us(
    mine: Client, save: Save, me: User
) -> None:
    note = "unwordable: KeyError: 'canary'"
    told = await tell(save, me, await save_move(save, retracted_at=NOW, retracted_reason=note))
    alert, market = told.move.alert.id, told.move.market.id

    for path in (
        f"/v1/alerts/{alert}",
        f"/v1/notifications/{told.notification.id}/why",
        "/v1/notifications",
        f"/v1/markets/{market}/activity",
    ):
        answer = await mine.get(path)
        assert answer.status_code == 200
        assert "canary" not in answer.text


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param({**MOVED, "minutes": None}, id="null where a number is needed"),
        pytest.param({**MOVED, "before": {"yes": "0.4"}}, id="an object for a price"),
        pytest.param({**MOVED, "is_holder": True, "positions": None}, id="no positions"),
        pytest.param(
            {**MOVED, "is_holder": True, "impact_mid_usd": "1", "positions": ["x"]},
            id="positions of another form",
        ),
    ],
)
async def test_numbers_of_another_version_cost_one_text(
    mine: Client, save: Save, me: User, numbers: dict[str, Any]
) -> None:
    odd = await tell(save, me, await save_move(save, numbers=numbers), numbers=numbers)
    good = await tell(save, me, await save_move(save))

    for path in ("/v1/notifications", "/v1/feed", f"/v1/alerts/{odd.move.alert.id}"):
        assert (await mine.get(path)).status_code == 200, path
    inbox = (await mine.get("/v1/notifications")).json()["notifications"]
    titles = {shown["id"]: shown["title"] for shown in inbox}
    assert titles[str(good.notification.id)]


async def test_a_trial_takes_no_receipts(mine: Client, save: Save, me: User) -> None:
    told = await tell(save, me, await save_move(save, is_shadow=True))
    path = f"/v1/notifications/{told.notification.id}/receipts"

    answer = await mine.post(path, json={"kind": "muted"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("zone", ["localtime", "Factory"])
async def test_a_zone_that_means_another_one_on_each_machine(mine: Client, zone: str) -> None:
    answer = await mine.patch(ME, json={"timezone": zone})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        pytest.param(ME, {"GET", "PATCH"}, id="two routes of one path"),
        pytest.param(f"{ME}/devices", {"GET", "POST"}, id="devices"),
        pytest.param(f"{ME}/follows/market/x", {"PUT", "DELETE"}, id="with parameters"),
        pytest.param("/v1/feed", {"GET"}, id="one route"),
    ],
)
async def test_a_wrong_method_names_all_right_ones(
    mine: Client, path: str, methods: set[str]
) -> None:
    answer = await mine.request("TRACE", path)

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == methods


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(b'{"display_name": "x"}', "text/plain", id="called text"),
        pytest.param(b"[1]", "application/json", id="a list"),
        pytest.param(b"null", "application/json", id="null"),
        pytest.param(b"", "application/json", id="nothing"),
    ],
)
async def test_a_body_that_is_no_object_is_told_what_to_send(
    mine: Client, content: bytes, kind: str
) -> None:
    answer = await mine.patch(ME, content=content, headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "JSON object" in answer.json()["detail"]
    assert "application/json" in answer.json()["detail"]


async def test_a_body_that_cannot_be_read_is_told_so(mine: Client) -> None:
    headers = {"Content-Type": "application/json"}

    answer = await mine.patch(ME, content=b"[" * 60_000, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert "body" in answer.json()["detail"]


async def test_too_large_has_one_word(mine: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 1_024

    headers = {"Content-Type": "application/json"}
    known = await mine.patch(ME, content=b" " * 70_000, headers=headers)
    counted = await mine.patch(ME, content=pieces(), headers=headers)

    assert known.status_code == 413
    assert (counted.status_code, counted.json()) == (413, known.json())


@pytest.mark.parametrize("path", [f"{ME}/nothing", "/v1/notifications/x/why", "/v1/alerts/x", ME])
async def test_errors_are_not_kept_on_the_way(client: Client, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code in {401, 404, 422}
    assert answer.headers["cache-control"] == "no-store"


async def test_the_feed_is_open_in_the_document_too(client: Client) -> None:
    document = (await client.get("/openapi.json")).json()

    assert {} in document["paths"]["/v1/feed"]["get"]["security"], "a token is not needed"
