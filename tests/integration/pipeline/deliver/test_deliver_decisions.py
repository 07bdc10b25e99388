"""The second look at the claim: what keeps a due delivery from being sent, each on record."""

from datetime import timedelta

import pytest

from app.pipeline.deliver import deliver_all_due
from app.store import switches
from tests.delivery_rows import row_id
from tests.integration.pipeline.deliver.conftest import DeliveryStage

SOLD = "DELETE FROM alpha.positions"
FOLLOW = """
INSERT INTO alpha.follows (id, user_id, kind, target_id, is_push, created_at)
SELECT gen_random_uuid(), id, $1::text::alpha.follow_kind, $2, $3, now() FROM alpha.users
"""


async def test_it_goes_out_with_text_address_and_data_as_stored(stage: DeliveryStage) -> None:
    rows = await stage.alert()
    assert await deliver_all_due(stage.parts) == 1
    row = await stage.one()
    (push,) = stage.gateway.sent
    assert (row["state"], row["attempts"], row["reason"]) == ("accepted", 1, None)
    assert (push.title, push.body, push.address) == (row["title"], row["body"], row["address"])
    assert push.title == "Celtics win: 62¢ to 48¢"
    assert "$" not in push.title + push.body
    assert push.collapse_id == row["collapse_id"]
    assert push.data["link"] == f"alpha://notifications/{row['notification_id']}"
    assert push.thread_id == str(rows.episode_id)
    assert (row["gateway_message_id"], row["lease_token"]) == ("m", None)
    assert row["accepted_at"] == stage.clock.now()
    assert await deliver_all_due(stage.parts) == 0
    assert await stage.outcomes() == ["accepted"]


async def test_amounts_are_shown_to_who_wants_them(stage: DeliveryStage) -> None:
    await stage.alert()
    await stage.sql(
        "INSERT INTO alpha.notification_preferences (user_id, show_amounts, updated_at)"
        " SELECT id, true, now() FROM alpha.users"
    )
    await deliver_all_due(stage.parts)
    assert "$14.00" in stage.gateway.sent[0].body


CHANGES = [
    pytest.param(SOLD, "sold", id="position-sold-since"),
    pytest.param("DELETE FROM alpha.devices", "device_removed", id="device-removed"),
    pytest.param(
        "UPDATE alpha.devices SET disabled_at = now(), disabled_reason = 'x'",
        "device_disabled",
        id="device-disabled",
    ),
    pytest.param(
        "WITH u AS (INSERT INTO alpha.users (id) VALUES (gen_random_uuid()) RETURNING id)"
        " UPDATE alpha.devices SET user_id = u.id FROM u",
        "device_moved",
        id="phone-passed-on",
    ),
    pytest.param(
        "UPDATE alpha.devices SET last_seen_at = '2026-09-01'", "device_unseen", id="unseen"
    ),
    pytest.param("UPDATE alpha.devices SET kind = 'apns'", "no_gateway", id="apns"),
    pytest.param("UPDATE alpha.alerts SET is_shadow = true", "shadow", id="shadow-alert"),
    pytest.param("UPDATE alpha.alerts SET retracted_at = now()", "retracted", id="retracted"),
    pytest.param("UPDATE alpha.notifications SET muted_at = now()", "muted", id="muted"),
    pytest.param("is_push_on = false", "push_off", id="push-off"),
    pytest.param("muted_kinds = '{line_move}'", "kind_muted", id="kind-muted"),
    pytest.param("min_impact_usd = 20", "below_minimum", id="small-impact"),
]


@pytest.mark.parametrize(("change", "reason"), CHANGES)
async def test_what_changed_since_it_was_decided(
    stage: DeliveryStage, change: str, reason: str
) -> None:
    await stage.alert(people=1)
    if " = " in change and change.split()[0].islower():
        await stage.sql(
            "INSERT INTO alpha.notification_preferences (user_id, updated_at)"
            " SELECT id, now() FROM alpha.users"
        )
        change = f"UPDATE alpha.notification_preferences SET {change}"
    await stage.sql(change)
    await deliver_all_due(stage.parts)
    row = await stage.one()
    assert (row["state"], row["reason"], stage.gateway.sent) == ("suppressed", reason, [])


@pytest.mark.parametrize(
    ("kind", "target", "is_push", "state"),
    [
        pytest.param("market", "market:market", True, "accepted", id="the-market"),
        pytest.param("event", "event:market", True, "accepted", id="its-event"),
        pytest.param("series", "series:market", True, "accepted", id="its-series"),
        pytest.param("event", "event:market", False, "suppressed", id="inbox-only"),
        pytest.param("market", "market:another", True, "suppressed", id="another-market"),
    ],
)
async def test_who_sold_may_still_follow(
    stage: DeliveryStage, kind: str, target: str, is_push: bool, state: str
) -> None:
    await stage.alert()
    await stage.sql(SOLD)
    await stage.sql(FOLLOW, kind, row_id(target), is_push)
    await deliver_all_due(stage.parts)
    assert (await stage.one())["state"] == state


@pytest.mark.parametrize("reason", ["follow_up", "correction"])
async def test_what_completes_or_corrects_is_owed_to_who_sold_or_muted(
    stage: DeliveryStage, reason: str
) -> None:
    await stage.alert()
    await deliver_all_due(stage.parts)
    await stage.sql(SOLD)
    await stage.sql("UPDATE alpha.notifications SET muted_at = now()")
    await stage.alert("second", reason=reason, replaces="first")
    await deliver_all_due(stage.parts)
    first, second = stage.gateway.sent
    assert first.collapse_id == second.collapse_id
    assert (await stage.one("second"))["state"] == "accepted"


@pytest.mark.parametrize(
    ("switch", "reason"),
    [
        ("kill:line_move", "killed"),
        ("kill:unexplained", "killed"),
        ("shadow:line_move:unexplained", "shadow"),
    ],
)
async def test_a_switch_turned_on_since_stops_it_but_no_correction(
    stage: DeliveryStage, switch: str, reason: str
) -> None:
    await stage.alert()
    await stage.alert("second", reason="correction", replaces="first")
    async with stage.pool.acquire() as conn:
        await switches.turn(conn, switch, is_on=True, now=stage.clock.now())
    await deliver_all_due(stage.parts)
    stopped = await stage.one()
    assert (stopped["state"], stopped["reason"]) == ("suppressed", reason)
    assert (await stage.one("second"))["state"] == "accepted"


@pytest.mark.parametrize("switch", ["kill:whale", "kill:confirmed", "shadow:line_move:confirmed"])
async def test_a_switch_of_something_else_changes_nothing(
    stage: DeliveryStage, switch: str
) -> None:
    await stage.alert()
    async with stage.pool.acquire() as conn:
        await switches.turn(conn, switch, is_on=True, now=stage.clock.now())
    await deliver_all_due(stage.parts)
    assert (await stage.one())["state"] == "accepted"


async def test_late_news_is_worse_than_none(stage: DeliveryStage) -> None:
    await stage.alert(expires_at=stage.clock.now() + timedelta(seconds=60))
    stage.clock.advance(timedelta(seconds=60))
    await deliver_all_due(stage.parts)
    row = await stage.one()
    assert (row["state"], row["reason"], stage.gateway.sent) == ("expired", "late", [])


async def test_a_text_that_cannot_be_written_stops_nobody_else(stage: DeliveryStage) -> None:
    await stage.alert("broken", template="no.such.template")
    await stage.alert("second")
    await deliver_all_due(stage.parts)
    broken = await stage.one("broken")
    assert (broken["state"], broken["reason"]) == ("dead", "unrenderable")
    assert (await stage.one("second"))["state"] == "accepted"
