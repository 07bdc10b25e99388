"""Who asks: written down at first sight, name and zone changed strictly."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import VirtualClock
from app.models.db import User
from tests.integration.api.people.conftest import Bearer
from tests.integration.api.serving import Client

PATH = "/v1/users/me"


async def test_the_first_sight_writes_a_person_down(
    client: Client, session: AsyncSession, bearer: Bearer, new_id: UUID, clock: VirtualClock
) -> None:
    first = await client.get(PATH, headers=bearer(new_id))
    await clock.sleep(timedelta(minutes=5).total_seconds())
    again = await client.get(PATH, headers=bearer(new_id))

    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    assert (
        first.json()
        == again.json()
        == {
            "id": str(new_id),
            "display_name": None,
            "timezone": "America/New_York",
            "created_at": "2026-11-22T12:00:00.000Z",
        }
    )
    (user,) = (await session.scalars(select(User).where(User.id == new_id))).all()
    await session.refresh(user)
    assert user.last_seen_at == clock.now()


async def test_nobody_is_written_down_without_a_token(
    client: Client, session: AsyncSession
) -> None:
    answer = await client.get(PATH)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert (await session.scalars(select(User))).all() == []


async def test_changing_name_and_zone(mine: Client) -> None:
    changed = await mine.patch(
        PATH, json={"display_name": "  Ada Øre  ", "timezone": "Europe/Oslo"}
    )
    kept = await mine.patch(PATH, json={})
    cleared = await mine.patch(PATH, json={"displayName": None})

    assert (changed.json()["display_name"], changed.json()["timezone"]) == (
        "Ada Øre",
        "Europe/Oslo",
    )
    assert kept.json() == changed.json()
    assert cleared.json() == {**changed.json(), "display_name": None}
    assert (await mine.get(PATH)).json() == cleared.json()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"timezone": "Mars/Olympus"}, id="no such zone"),
        pytest.param({"timezone": "europe/oslo"}, id="zone in small letters"),
        pytest.param({"timezone": "../../etc/passwd"}, id="a path"),
        pytest.param({"timezone": None}, id="no zone at all"),
        pytest.param({"timezone": 5}, id="zone is a number"),
        pytest.param({"display_name": ""}, id="empty name"),
        pytest.param({"display_name": "   "}, id="blank name"),
        pytest.param({"display_name": "x" * 51}, id="long name"),
        pytest.param({"display_name": "a\x00b"}, id="NUL"),
        pytest.param({"display_name": "a\nb"}, id="line break"),
        pytest.param({"display_name": ["a"]}, id="a list"),
        pytest.param({"id": "0b9a6f0e-2f2a-4f0e-9a53-0a4a6f7f1c11"}, id="another id"),
        pytest.param([], id="no object"),
        pytest.param(None, id="null"),
    ],
)
async def test_what_is_refused(mine: Client, body: Any) -> None:
    before = (await mine.get(PATH)).json()

    answer = await mine.patch(PATH, json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert set(answer.json()) == {"detail", "code"}
    assert (await mine.get(PATH)).json() == before


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut"),
        pytest.param(b'{"display_name": "\\ud800"}', id="half a character"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b"[" * 30_000, id="deep"),
        pytest.param(b'{"display_name": ' + b"9" * 5_000 + b"}", id="a long number"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_bodies_that_are_no_json(mine: Client, body: bytes) -> None:
    answer = await mine.patch(PATH, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in {400, 422}
    assert set(answer.json()) == {"detail", "code"}
    assert not answer.json()["detail"][0].isdigit()


async def test_a_large_body_is_refused(mine: Client) -> None:
    answer = await mine.patch(PATH, json={"display_name": "x" * 70_000})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
