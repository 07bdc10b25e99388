"""The inbox: rendered from numbers, page by page, and what the app reports of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.core.clock import VirtualClock
from app.models.db import User
from tests.alert_factories import make_notification
from tests.factories import NOW
from tests.integration.api.people.told import save_move, tell
from tests.integration.api.serving import Client, Save

PATH = "/v1/notifications"


async def listed(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["notifications"]
    return found


async def test_a_notification_shows_dollars_from_its_numbers(
    mine: Client, save: Save, me: User
) -> None:
    told = await tell(save, me, await save_move(save))

    (shown,) = await listed(mine)

    assert shown == {
        "id": str(told.notification.id),
        "alert_id": str(told.move.alert.id),
        "root_alert_id": str(told.move.alert.id),
        "event_id": str(told.move.market.event.id),
        "event_title": "Lakers at Celtics",
        "kind": "line_move",
        "tier": "unexplained",
        "reason": "new",
        "title": "Celtics to win: 48¢ to 36¢",
        "body": "Unusual move: from 48¢ to 36¢ in 4 minutes. Your position is down $12.00 (25%)."
        " No public news found yet.",
        "priority": 2,
        "is_holder": True,
        "impact_usd": "-12",
        "impact_mid_usd": "-12",
        "value_before_usd": "48",
        "created_at": "2026-11-22T12:00:00.000Z",
        "retracted_at": None,
        "suppressed_reason": None,
        "received_at": None,
        "opened_at": None,
        "muted_at": None,
    }


async def test_a_text_that_cannot_be_rendered_costs_only_itself(
    mine: Client, save: Save, me: User
) -> None:
    await tell(save, me, await save_move(save), template="of.tomorrow")
    await tell(save, me, await save_move(save), numbers={})
    good = await tell(save, me, await save_move(save))

    titles = {shown["id"]: shown["title"] for shown in await listed(mine)}

    assert len(titles) == 3
    assert [id_ for id_, title in titles.items() if title] == [str(good.notification.id)]


async def test_what_is_only_tried_out_is_nobodys(mine: Client, save: Save, me: User) -> None:
    told = await tell(save, me, await save_move(save, is_shadow=True))

    assert await listed(mine) == []
    assert (await mine.get(f"{PATH}/{told.notification.id}/why")).status_code == 404


@pytest.mark.parametrize("size", [1, 2, 50])
async def test_pages_are_newest_first(mine: Client, save: Save, me: User, size: int) -> None:
    moves = [await save_move(save) for _ in range(5)]
    told = [
        make_notification(me, move.alert, created_at=NOW - timedelta(seconds=n // 2))
        for n, move in enumerate(moves)
    ]
    await save(*told)
    found: list[str] = []
    cursor = None
    while cursor or not found:
        params = {"limit": size, **({"cursor": cursor} if cursor else {})}
        page = (await mine.get(PATH, params=params)).json()
        found += [shown["id"] for shown in page["notifications"]]
        cursor = page["cursor"]

    expected = sorted(told, key=lambda each: (each.created_at, each.id), reverse=True)
    assert found == [str(each.id) for each in expected]


async def test_only_unread_ones(mine: Client, save: Save, me: User) -> None:
    new = await tell(save, me, await save_move(save))
    read = await tell(save, me, await save_move(save), opened_at=NOW)

    assert [shown["id"] for shown in await listed(mine, unread=True)] == [str(new.notification.id)]
    assert [shown["id"] for shown in await listed(mine, unread=False)] == [
        str(read.notification.id)
    ]
    assert len(await listed(mine)) == 2
    assert (await mine.get(PATH, params={"unread": "perhaps"})).status_code == 422


async def test_a_cursor_is_good_for_one_person(
    client: Client, save: Save, me: User, mine: Client
) -> None:
    for _ in range(2):
        await tell(save, me, await save_move(save))
    cursor = (await mine.get(PATH, params={"limit": 1})).json()["cursor"]

    assert (await mine.get(PATH, params={"cursor": cursor})).status_code == 200
    assert (await mine.get(PATH, params={"cursor": cursor, "unread": True})).status_code == 422


@pytest.mark.parametrize("kind", ["received", "opened", "muted"])
async def test_the_first_receipt_stays(
    mine: Client, save: Save, me: User, clock: VirtualClock, kind: str
) -> None:
    told = await tell(save, me, await save_move(save))
    path = f"{PATH}/{told.notification.id}/receipts"
    await clock.sleep(5)

    first = await mine.post(path, json={"kind": kind})
    await clock.sleep(60)
    again = await mine.post(path, json={"kind": kind})

    assert first.status_code == 200
    assert first.json() == {
        name: "2026-11-22T12:00:05.000Z" if name == f"{kind}_at" else None
        for name in ("received_at", "opened_at", "muted_at")
    }
    assert again.json() == first.json()
    (shown,) = await listed(mine)
    assert first.json().items() <= shown.items()


async def test_receipts_of_one_kind_leave_the_others(
    mine: Client, save: Save, me: User, clock: VirtualClock
) -> None:
    told = await tell(save, me, await save_move(save))
    path = f"{PATH}/{told.notification.id}/receipts"
    for kind in ("received", "opened", "muted"):
        await clock.sleep(1)
        last = await mine.post(path, json={"kind": kind})

    assert list(last.json().values()) == [f"2026-11-22T12:00:0{n}.000Z" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"kind": "deleted"}, 422, id="unknown"),
        pytest.param({}, 422, id="nothing"),
        pytest.param({"kind": "opened", "at": "2026-01-01T00:00:00Z"}, 422, id="a time of its own"),
        pytest.param({"kind": ["opened"]}, 422, id="a list"),
    ],
)
async def test_receipts_that_are_refused(
    mine: Client, save: Save, me: User, body: dict[str, Any], status: int
) -> None:
    told = await tell(save, me, await save_move(save))

    answer = await mine.post(f"{PATH}/{told.notification.id}/receipts", json=body)

    assert answer.status_code == status


async def test_what_nobody_was_told_has_no_receipts(mine: Client) -> None:
    answer = await mine.post(f"{PATH}/{uuid4()}/receipts", json={"kind": "opened"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await mine.get(f"{PATH}/nonsense/why")).status_code == 422
