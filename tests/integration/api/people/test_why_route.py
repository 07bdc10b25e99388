"""Why somebody was told: everything from rows, the same without any stored text."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.people import FollowKind
from app.models.db import Alert, Delivery, User
from tests.alert_factories import make_delivery, make_detection, make_notification
from tests.factories import NOW, make_market
from tests.integration.api.people.told import save_confirmed, save_move, tell
from tests.integration.api.serving import Client, Save
from tests.people_factories import make_device, make_follow

PATH = "/v1/notifications"


async def test_everything_that_a_push_rests_on(mine: Client, save: Save, me: User) -> None:
    told = await tell(save, me, await save_move(save))
    move = told.move

    why = (await mine.get(f"{PATH}/{told.notification.id}/why")).json()

    assert (why["notification_id"], why["alert_id"]) == (
        str(told.notification.id),
        str(move.alert.id),
    )
    assert (why["tier"], why["reason"], why["evidence"]) == ("unexplained", "new", [])
    assert why["title"] == "Celtics to win: 48¢ to 36¢"
    assert "down $12.00" in why["body"]
    assert why["detections"] == [
        {
            "id": str(move.detection.id),
            "market_id": str(move.market.id),
            "kind": "line_move",
            "rule": "line_move",
            "rule_version": 3,
            "policy": "pre_game",
            "direction": -1,
            "strength": "2.5",
            "price_before": "0.48",
            "price_now": "0.36",
            "started_at": "2026-11-22T11:56:00.000Z",
            "observed_at": "2026-11-22T11:59:59.000Z",
            "decided_at": "2026-11-22T12:00:00.000Z",
            "figures": [
                {"name": "is_thin", "text": "false"},
                {"name": "prints", "text": "7"},
                {"name": "usual", "text": None},
                {"name": "volume", "text": "1250.5"},
            ],
        }
    ]
    assert why["impact"] == {"usd": "-12", "mid_usd": "-12", "value_before_usd": "48"}
    assert (why["is_holder"], why["is_follower"], why["follows"]) == (True, False, [])
    recorded = told.notification.numbers["positions"][0]
    assert why["positions"] == [
        {
            "market_id": recorded["market_id"],
            "side": "yes",
            "contracts": "100",
            "price_before": "0.48",
            "price_now": "0.36",
            "impact_usd": "-12",
            "impact_mid_usd": "-12",
        }
    ]
    assert [market["market_id"] for market in why["markets"]] == [str(move.market.id)]
    (delivery,) = why["deliveries"]
    assert (delivery["state"], delivery["device_kind"]) == ("accepted", "fcm_token")
    assert why["timings"] == {
        "started_at": "2026-11-22T11:56:00.000Z",
        "observed_at": "2026-11-22T11:59:59.000Z",
        "decided_at": "2026-11-22T12:00:00.000Z",
        "worded_at": "2026-11-22T12:00:00.000Z",
        "notified_at": "2026-11-22T12:00:00.000Z",
        "created_at": "2026-11-22T12:00:00.000Z",
        "accepted_at": "2026-11-22T12:00:00.450Z",
        "received_at": None,
        "opened_at": None,
        "detection_ms": 1000,
        "delivery_ms": 450,
    }


async def test_the_answer_is_the_same_without_any_stored_text(
    mine: Client, save: Save, session: AsyncSession, me: User
) -> None:
    told = await tell(save, me, await save_move(save))
    path = f"{PATH}/{told.notification.id}/why"
    before = await mine.get(path)
    inbox = await mine.get(PATH)
    alert = await mine.get(f"/v1/alerts/{told.move.alert.id}?n=1")

    await session.execute(update(Alert).values(title="", body=""))
    await session.execute(update(Delivery).values(title=None, body=None, address=None))
    session.expunge_all()

    assert "stored" not in before.text + inbox.text + alert.text
    assert (await mine.get(path)).content == before.content
    assert (await mine.get(PATH)).content == inbox.content
    assert (await mine.get(f"/v1/alerts/{told.move.alert.id}")).content == alert.content


async def test_what_was_taken_back_says_so(mine: Client, save: Save, me: User) -> None:
    told = await tell(save, me, await save_move(save, retracted_at=NOW, retracted_reason="wrong"))

    why = (await mine.get(f"{PATH}/{told.notification.id}/why")).json()

    assert why["retracted_at"] == "2026-11-22T12:00:00.000Z"


async def test_the_evidence_of_a_confirmed_alert(mine: Client, save: Save, me: User) -> None:
    move = await save_move(save)
    alert, signal = await save_confirmed(save, move)
    notification = make_notification(me, alert)
    await save(notification)

    why = (await mine.get(f"{PATH}/{notification.id}/why")).json()

    assert (why["tier"], why["reason"]) == ("confirmed", "follow_up")
    assert why["evidence"] == [
        {
            "signal_id": str(signal.id),
            "kind": "injury",
            "source": "espn",
            "source_url": "https://example.com/injuries",
            "source_at": "2026-11-22T11:55:00.000Z",
            "observed_at": "2026-11-22T11:55:00.000Z",
            "fact": "status=doubtful",
        }
    ]


async def test_a_follower_sees_what_matched(mine: Client, save: Save, me: User) -> None:
    move = await save_move(save)
    market, other = move.market, make_market()
    await save(
        other,
        make_follow(me, market.id),
        make_follow(me, market.event.series_id, FollowKind.SERIES, is_push=False),
        make_follow(me, other.id),
    )
    follower = {"is_holder": False, "is_follower": True, "positions": []}
    notification = make_notification(
        me,
        move.alert,
        numbers={**(move.alert.numbers or {}), **follower},
        is_holder=False,
        impact_usd=None,
        impact_mid_usd=None,
        value_before_usd=None,
    )
    await save(notification)

    why = (await mine.get(f"{PATH}/{notification.id}/why")).json()

    assert (why["is_holder"], why["is_follower"], why["positions"]) == (False, True, [])
    assert why["follows"] == [
        {"kind": "market", "target_id": str(market.id), "push": True},
        {"kind": "series", "target_id": str(market.event.series_id), "push": False},
    ]
    assert why["impact"] == {"usd": None, "mid_usd": None, "value_before_usd": None}
    assert "You follow this." in why["body"]
    assert why["timings"]["delivery_ms"] is None


async def test_a_detection_that_joined_later_does_not_change_the_delay(
    mine: Client, save: Save, me: User
) -> None:
    told = await tell(save, me, await save_move(save))
    move, later = told.move, NOW + timedelta(minutes=2)
    joined = make_detection(
        move.market,
        move.episode,
        decided_at=later,
        observed_at=later,
        outcome="joined",
        alert_id=move.alert.id,
    )
    elsewhere = make_detection(move.market, move.episode, outcome="suppressed")
    await save(joined, elsewhere)

    why = (await mine.get(f"{PATH}/{told.notification.id}/why")).json()

    assert [found["id"] for found in why["detections"]] == [
        str(move.detection.id),
        str(joined.id),
    ]
    assert why["timings"]["detection_ms"] == 1000


async def test_how_it_went_to_each_device(mine: Client, save: Save, me: User) -> None:
    told = await tell(save, me, await save_move(save), suppressed_reason=None)
    second, gone = make_device(me, kind="apns"), make_device(me)
    waiting = {"sent_at": None, "accepted_at": None, "attempts": 0}
    quiet = make_delivery(
        told.notification, second, state="suppressed", reason="quiet_hours", **waiting
    )
    dead = make_delivery(told.notification, gone, state="dead", reason="UNREGISTERED", attempts=2)
    await save(second, quiet, dead)

    why = (await mine.get(f"{PATH}/{told.notification.id}/why")).json()

    found = {delivery["id"]: delivery for delivery in why["deliveries"]}
    assert len(found) == 3
    shown = found[str(quiet.id)]
    assert (shown["state"], shown["reason"], shown["device_kind"]) == (
        "suppressed",
        "quiet_hours",
        "apns",
    )
    assert (found[str(dead.id)]["device_kind"], found[str(dead.id)]["attempts"]) == (None, 2)
    assert "address" not in str(why)
