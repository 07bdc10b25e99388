"""Follows: by our id or the exchange's, pushing by default only for markets, safe to repeat."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.core.clock import VirtualClock
from app.domain.people import FollowKind
from app.models.db import Follow, User
from tests.factories import NOW, make_event, make_market, make_series
from tests.integration.api.serving import Client, Save
from tests.people_factories import make_follow

PATH = "/v1/users/me/follows"


async def listed(client: Client) -> list[dict[str, Any]]:
    answer = await client.get(PATH)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["follows"]
    return found


@pytest.mark.parametrize(("kind", "push"), [("market", True), ("event", False), ("series", False)])
async def test_what_pushes_by_default(mine: Client, save: Save, kind: str, push: bool) -> None:
    market = make_market(ext_id="KXM", event=make_event(ext_id="KXE", series=make_series()))
    await save(market)
    target: Any = {"market": market, "event": market.event, "series": market.event.series}[kind]

    made = await mine.put(f"{PATH}/{kind}/kalshi:{target.ext_id}")

    follow = {
        "kind": kind,
        "target_id": str(target.id),
        "push": push,
        "created_at": "2026-11-22T12:00:00.000Z",
    }
    assert (made.status_code, made.json()) == (200, follow)
    names = {"exchange": "kalshi", "ext_id": target.ext_id, "title": target.title}
    assert await listed(mine) == [{**follow, **names}]


async def test_a_repeat_keeps_what_was_chosen(
    mine: Client, save: Save, clock: VirtualClock
) -> None:
    market = make_market()
    await save(market)
    path = f"{PATH}/market/{market.id}"

    chosen = await mine.put(path, json={"push": False})
    await clock.sleep(60)
    repeated = await mine.put(path)
    empty = await mine.put(path, json={})
    changed = await mine.put(path, json={"push": True})

    assert chosen.json()["push"] is False
    assert repeated.json() == empty.json() == chosen.json()
    assert changed.json() == {**chosen.json(), "push": True}
    assert len(await listed(mine)) == 1


async def test_to_stop_following_is_safe_to_repeat(mine: Client, save: Save) -> None:
    market = make_market()
    await save(market)
    path = f"{PATH}/market/{market.id}"
    await mine.put(path)

    answers = [await mine.delete(path) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert await listed(mine) == []


async def test_the_same_id_as_another_kind_is_another_follow(
    mine: Client, save: Save, me: User
) -> None:
    market = make_market()
    await save(market, make_follow(me, market.id))

    await mine.delete(f"{PATH}/event/{market.id}")

    assert [follow["kind"] for follow in await listed(mine)] == ["market"]


@pytest.mark.parametrize("size", [1, 2, 200])
async def test_pages(mine: Client, save: Save, me: User, size: int) -> None:
    markets = [make_market() for _ in range(5)]
    follows = [
        make_follow(me, market.id, created_at=NOW - timedelta(seconds=n // 2))
        for n, market in enumerate(markets)
    ]
    await save(*markets, *follows)
    found: list[str] = []
    cursor = None
    while cursor or not found:
        params = {"limit": size, **({"cursor": cursor} if cursor else {})}
        page = (await mine.get(PATH, params=params)).json()
        found += [follow["target_id"] for follow in page["follows"]]
        cursor = page["cursor"]

    expected = sorted(follows, key=lambda follow: (follow.created_at, follow.id), reverse=True)
    assert found == [str(follow.target_id) for follow in expected]


async def test_what_left_the_catalogue_stays_on_the_list(
    mine: Client, save: Save, me: User
) -> None:
    gone = make_market(is_deleted=True, title="Gone")
    await save(gone, make_follow(me, gone.id), make_follow(me, uuid4(), FollowKind.SERIES))

    follows = await listed(mine)

    assert {follow["title"] for follow in follows} == {"Gone", None}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("market/kalshi:NO-SUCH", 404, id="no such ticker"),
        pytest.param(f"event/{uuid4()}", 404, id="no such id"),
        pytest.param("market/kalshi:KXGONE", 404, id="deleted"),
        pytest.param("event/kalshi:KXGONE", 404, id="a market is no event"),
        pytest.param("market/nonsense", 422, id="no reference"),
        pytest.param("player/kalshi:KXGONE", 422, id="no such kind"),
        pytest.param("market/kalshi:%00", 422, id="NUL"),
    ],
)
async def test_what_cannot_be_followed(mine: Client, save: Save, path: str, status: int) -> None:
    await save(make_market(ext_id="KXGONE", is_deleted=True))

    answer = await mine.put(f"{PATH}/{path}")

    assert answer.status_code == status
    assert await listed(mine) == []


@pytest.mark.parametrize("body", [{"push": "on"}, {"push": 1}, {"is_push": True}, [], "push"])
async def test_bodies_that_are_refused(mine: Client, save: Save, body: Any) -> None:
    market = make_market()
    await save(market)

    answer = await mine.put(f"{PATH}/market/{market.id}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_nobody_follows_without_end(mine: Client, save: Save, me: User) -> None:
    market, other = make_market(), make_market()
    many: list[Follow] = [make_follow(me, uuid4()) for _ in range(999)]
    await save(market, other, *many)

    last = await mine.put(f"{PATH}/market/{market.id}")
    over = await mine.put(f"{PATH}/market/{other.id}")
    again = await mine.put(f"{PATH}/market/{market.id}", json={"push": False})

    assert last.status_code == again.status_code == 200
    assert (over.status_code, over.json()["code"]) == (422, "too_many_follows")
