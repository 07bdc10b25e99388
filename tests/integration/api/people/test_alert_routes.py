"""Alerts and a market's activity as everybody sees them: no persons, no trials, whole chains."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.core.clock import VirtualClock
from app.models.db import User
from tests.alert_factories import make_alert, make_alert_market, make_detection, make_episode
from tests.factories import NOW, make_market, make_quote
from tests.integration.api.people.told import save_confirmed, save_move, tell
from tests.integration.api.serving import Client, Save


async def test_an_alert_with_everything(client: Client, save: Save) -> None:
    move = await save_move(save)
    quote = {"last": Decimal("0.34"), "bid": Decimal("0.33"), "ask": Decimal("0.35")}
    await save(make_quote(move.market, **quote))

    answer = await client.get(f"/v1/alerts/{move.alert.id}")

    assert answer.status_code == 200
    assert answer.headers["etag"]
    assert answer.json() == {
        "id": str(move.alert.id),
        "root_alert_id": str(move.alert.id),
        "replaces_id": None,
        "event_id": str(move.market.event.id),
        "event_title": "Lakers at Celtics",
        "kind": "line_move",
        "tier": "unexplained",
        "reason": "new",
        "title": "Celtics to win: 48¢ to 36¢",
        "body": "Unusual move: from 48¢ to 36¢ in 4 minutes. No public news found yet.",
        "strength": "2.5",
        "started_at": "2026-11-22T11:56:00.000Z",
        "decided_at": "2026-11-22T12:00:00.000Z",
        "expires_at": "2026-11-22T12:10:00.000Z",
        "retracted_at": None,
        "markets": [
            {
                "market_id": str(move.market.id),
                "exchange": "kalshi",
                "ext_id": move.market.ext_id,
                "title": move.market.title,
                "is_subject": True,
                "price_before": "0.48",
                "price_before_american": 108,
                "bid_before": "0.47",
                "ask_before": "0.49",
                "price_now": "0.36",
                "price_now_american": 178,
                "bid": "0.35",
                "ask": "0.37",
                "as_of": "2026-11-22T12:00:00.000Z",
                "is_wide": False,
                "is_stale": False,
                "quoted_last": "0.34",
                "quoted_bid": "0.33",
                "quoted_ask": "0.35",
                "quoted_as_of": "2026-11-22T12:00:00.000Z",
                "is_quote_stale": False,
            }
        ],
        "evidence": [],
        "chain": [
            {
                "id": str(move.alert.id),
                "reason": "new",
                "tier": "unexplained",
                "title": "Celtics to win: 48¢ to 36¢",
                "decided_at": "2026-11-22T12:00:00.000Z",
                "retracted_at": None,
            }
        ],
    }


async def test_the_chain_of_what_was_said(client: Client, save: Save) -> None:
    move = await save_move(save)
    later, signal = await save_confirmed(save, move, decided_at=NOW + timedelta(minutes=9))

    alert = (await client.get(f"/v1/alerts/{later.id}")).json()

    assert [(link["id"], link["reason"]) for link in alert["chain"]] == [
        (str(move.alert.id), "new"),
        (str(later.id), "follow_up"),
    ]
    assert (alert["tier"], alert["replaces_id"]) == ("confirmed", str(move.alert.id))
    assert [fact["signal_id"] for fact in alert["evidence"]] == [str(signal.id)]


async def test_the_market_that_moved_first_comes_first(client: Client, save: Save) -> None:
    move = await save_move(save)
    also = make_market(ext_id="AAA", event=move.market.event)
    await save(also, make_alert_market(move.alert, also, is_subject=False))

    alert = (await client.get(f"/v1/alerts/{move.alert.id}")).json()

    assert [market["is_subject"] for market in alert["markets"]] == [True, False]


async def test_an_alert_without_words_yet(client: Client, save: Save) -> None:
    unworded: dict[str, Any] = dict.fromkeys(("template", "numbers", "title", "body"))
    move = await save_move(save, worded_at=None, notified_at=None, **unworded)

    alert = (await client.get(f"/v1/alerts/{move.alert.id}")).json()

    assert (alert["title"], alert["body"]) == (None, None)


async def test_alerts_that_are_not_shown(client: Client, save: Save) -> None:
    shadow = await save_move(save, is_shadow=True)

    for alert_id in (shadow.alert.id, uuid4()):
        answer = await client.get(f"/v1/alerts/{alert_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await client.get("/v1/alerts/nonsense")).status_code == 422


async def test_nothing_tells_who_was_told(client: Client, save: Save, me: User) -> None:
    told = await tell(save, me, await save_move(save))

    alert = await client.get(f"/v1/alerts/{told.move.alert.id}")
    activity = await client.get(f"/v1/markets/{told.move.market.id}/activity")

    for secret in (me.id, told.notification.id, told.device.address, '"-12'):
        assert str(secret) not in alert.text + activity.text


async def test_activity_holds_what_was_noticed_and_said(client: Client, save: Save) -> None:
    move = await save_move(save, decided_at=NOW + timedelta(seconds=1))
    path = f"/v1/markets/kalshi:{move.market.ext_id}/activity"

    page = (await client.get(path)).json()

    assert (page["market_id"], page["cursor"]) == (str(move.market.id), None)
    said, noticed = page["activity"]
    same = {
        "retracted_at": None,
        "alert_id": str(move.alert.id),
        "kind": "line_move",
        "direction": -1,
        "strength": "2.5",
        "started_at": "2026-11-22T11:56:00.000Z",
        "price_before": "0.48",
        "price_before_american": 108,
        "price_now": "0.36",
        "price_now_american": 178,
    }
    assert said == {
        **same,
        "what": "alert",
        "id": str(move.alert.id),
        "decided_at": "2026-11-22T12:00:01.000Z",
        "tier": "unexplained",
        "reason": "new",
        "title": "Celtics to win: 48¢ to 36¢",
        "body": "Unusual move: from 48¢ to 36¢ in 4 minutes. No public news found yet.",
        "rule": None,
        "policy": None,
    }
    assert noticed == {
        **same,
        "what": "detection",
        "id": str(move.detection.id),
        "decided_at": "2026-11-22T12:00:00.000Z",
        "tier": None,
        "reason": None,
        "title": None,
        "body": None,
        "rule": "line_move",
        "policy": "pre_game",
    }


async def test_activity_leaves_out_trials_and_what_is_not_decided(
    client: Client, save: Save
) -> None:
    market = make_market()
    await save_move(save, market, is_shadow=True)
    episode = make_episode(market, closed_at=NOW)
    await save(episode)
    await save(
        make_detection(market, episode, outcome="suppressed"),
        make_detection(market, episode, outcome=None),
    )

    assert (await client.get(f"/v1/markets/{market.id}/activity")).json()["activity"] == []


@pytest.mark.parametrize("size", [1, 2, 3, 50])
async def test_pages_of_activity(client: Client, save: Save, size: int) -> None:
    market = make_market()
    await save_move(save)
    move = await save_move(save, market)
    expected = [(NOW, move.detection.id), (NOW, move.alert.id)]
    for n in range(4):
        at = NOW - timedelta(seconds=n // 2)
        detection = make_detection(market, move.episode, decided_at=at)
        await save(detection)
        alert = make_alert(detection, decided_at=at)
        await save(alert)
        await save(make_alert_market(alert, market))
        expected += [(at, detection.id), (at, alert.id)]
    found: list[str] = []
    cursor = None
    while cursor or not found:
        params = {"limit": size, **({"cursor": cursor} if cursor else {})}
        page = (await client.get(f"/v1/markets/{market.id}/activity", params=params)).json()
        assert len(page["activity"]) <= size
        found += [entry["id"] for entry in page["activity"]]
        cursor = page["cursor"]

    assert found == [str(id_) for _, id_ in sorted(expected, reverse=True)]


async def test_activity_of_no_market(client: Client) -> None:
    answer = await client.get("/v1/markets/kalshi:NO-SUCH/activity")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await client.get("/v1/markets/nonsense/activity")).status_code == 422


async def test_public_answers_are_shared_for_a_second(
    client: Client, save: Save, clock: VirtualClock
) -> None:
    move = await save_move(save)
    path = f"/v1/markets/{move.market.id}/activity"
    known = {"If-None-Match": (await client.get(path)).headers["etag"]}
    move.detection.outcome = "suppressed"
    await save(move.detection)

    assert (await client.get(path, headers=known)).status_code == 304
    await clock.sleep(1.1)
    assert (await client.get(path, headers=known)).status_code == 200
