"""Quiet hours and caps as they are looked at when a delivery is claimed."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.pipeline.deliver import deliver_all_due
from tests.integration.pipeline.deliver.conftest import DeliveryStage


async def _prefer(stage: DeliveryStage, settings: str) -> None:
    await stage.sql(
        "INSERT INTO alpha.notification_preferences (user_id, updated_at)"
        " SELECT id, now() FROM alpha.users"
    )
    await stage.sql(f"UPDATE alpha.notification_preferences SET {settings}")


QUIET_NOW = "quiet_from = '12:00', quiet_to = '13:05'"  # it is 13:00 in New York


@pytest.mark.parametrize(
    ("priority", "preferences", "state", "reason"),
    [
        pytest.param(0, QUIET_NOW, "accepted", None, id="safety-ignores-them"),
        pytest.param(1, QUIET_NOW, "accepted", None, id="protect-by-default"),
        pytest.param(
            1, QUIET_NOW + ", is_protect_quiet = true", "pending", "quiet_hours", id="protect-asked"
        ),
        pytest.param(2, QUIET_NOW, "pending", "quiet_hours", id="notice-held"),
        pytest.param(
            2,
            QUIET_NOW + ", is_held_when_quiet = false",
            "suppressed",
            "quiet_hours",
            id="notice-dropped",
        ),
        pytest.param(
            3, QUIET_NOW + ", is_held_when_quiet = false", "pending", "quiet_hours", id="digest"
        ),
        pytest.param(
            2, "quiet_from = '12:00', quiet_to = '13:10'", "expired", "quiet_hours", id="too-long"
        ),
        pytest.param(2, "quiet_from = '13:01', quiet_to = '07:00'", "accepted", None, id="not-yet"),
    ],
)
async def test_quiet_hours(
    stage: DeliveryStage, priority: int, preferences: str, state: str, reason: str | None
) -> None:
    await stage.alert(priority=priority)
    await _prefer(stage, preferences)
    await deliver_all_due(stage.parts)
    row = await stage.one()
    assert (row["state"], row["reason"]) == (state, reason)
    if state == "pending":
        assert row["due_at"] == datetime(2026, 11, 22, 18, 5, tzinfo=UTC)
        stage.clock.advance(timedelta(minutes=5))
        await deliver_all_due(stage.parts)
        assert (await stage.one())["state"] == "accepted"


async def test_a_zone_nobody_knows_stops_nobody_else(stage: DeliveryStage) -> None:
    await stage.alert(people=2)
    await stage.sql(
        "UPDATE alpha.users SET timezone = 'Mars/../Olympus' WHERE id = md5('user:1')::uuid"
    )
    await _prefer(stage, "quiet_from = '22:00', quiet_to = '07:00'")
    assert await deliver_all_due(stage.parts) == 2
    assert len(stage.gateway.sent) == 2


@pytest.mark.parametrize(
    ("now", "quiet", "until"),
    [
        pytest.param("2027-03-14 06:55", "22:00-02:30", "2027-03-14 07:00", id="spring-skips-it"),
        pytest.param("2027-03-14 06:55", "22:00-03:15", "2027-03-14 07:15", id="spring-night"),
        pytest.param("2027-11-07 05:45", "22:00-01:30", "2027-11-07 06:30", id="autumn-repeats-it"),
        pytest.param("2027-11-07 05:45", "22:00-02:15", "2027-11-07 07:15", id="autumn-night"),
    ],
)
async def test_on_the_days_when_clocks_change(
    stage: DeliveryStage, now: str, quiet: str, until: str
) -> None:
    begun = datetime.fromisoformat(now).replace(tzinfo=UTC)
    stage.clock.advance(begun - stage.clock.now())
    await stage.alert(priority=3, expires_at=begun + timedelta(hours=2))
    start, _, end = quiet.partition("-")
    await _prefer(stage, f"quiet_from = '{start}', quiet_to = '{end}'")
    await deliver_all_due(stage.parts)
    due_at = (await stage.one())["due_at"]
    assert due_at == datetime.fromisoformat(until).replace(tzinfo=UTC)
    stage.clock.advance(due_at - begun - timedelta(seconds=1))
    assert await deliver_all_due(stage.parts) == 0
    stage.clock.advance(timedelta(seconds=1))
    assert await deliver_all_due(stage.parts) == 1
    assert (await stage.one())["state"] == "accepted"


async def test_a_correction_is_held_even_for_who_wants_the_rest_dropped(
    stage: DeliveryStage,
) -> None:
    await stage.alert()
    await deliver_all_due(stage.parts)
    await _prefer(stage, QUIET_NOW + ", is_held_when_quiet = false")
    await stage.alert("second", reason="correction", replaces="first")
    await deliver_all_due(stage.parts)
    row = await stage.one("second")
    assert (row["state"], row["reason"]) == ("pending", "quiet_hours")


async def test_quiet_hours_are_looked_at_again_when_they_end(stage: DeliveryStage) -> None:
    await stage.alert()
    await _prefer(stage, QUIET_NOW)
    await deliver_all_due(stage.parts)
    await stage.sql("DELETE FROM alpha.positions")
    stage.clock.advance(timedelta(minutes=5))
    await deliver_all_due(stage.parts)
    assert (await stage.one())["reason"] == "sold"


async def test_the_fourth_notice_of_an_hour_is_not_sent(stage: DeliveryStage) -> None:
    for number in range(4):
        await stage.alert(f"alert-{number}", market=f"market-{number}")
        await deliver_all_due(stage.parts)
        stage.clock.advance(timedelta(minutes=19))
    states = [(await stage.one(f"alert-{number}"))["reason"] for number in range(4)]
    assert states == [None, None, None, "cap_hour"]
    await stage.alert("later", market="later")
    await deliver_all_due(stage.parts)
    assert (await stage.one("later"))["state"] == "accepted"


async def test_a_cap_holds_within_one_claim_and_owed_pushes_ignore_it(
    stage: DeliveryStage,
) -> None:
    for number in range(5):
        await stage.alert(f"alert-{number}", market=f"market-{number}")
    await stage.alert("correction", reason="correction", replaces="alert-0", market="market-0")
    await deliver_all_due(stage.parts)
    rows = await stage.sql(
        "SELECT state::text, reason, count(*) FROM alpha.deliveries GROUP BY 1, 2 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("accepted", None, 4),
        ("suppressed", "cap_hour", 2),
    ]
    assert (await stage.one("correction"))["state"] == "accepted"


async def test_two_phones_of_one_person_count_once(stage: DeliveryStage) -> None:
    for number in range(3):
        rows = await stage.alert(f"alert-{number}", market=f"market-{number}")
        device_id = uuid4()
        await stage.sql(
            "INSERT INTO alpha.devices (id, user_id, kind, address, registered_at, last_seen_at)"
            " SELECT $1, user_id, kind, $2, registered_at, last_seen_at FROM alpha.devices LIMIT 1",
            device_id,
            f"second-{number}",
        )
        await stage.sql(
            "INSERT INTO alpha.deliveries (id, notification_id, device_id, user_id, alert_id,"
            " priority, state, collapse_id, created_at, due_at, expires_at)"
            " SELECT gen_random_uuid(), notification_id, $1, user_id, alert_id, priority, state,"
            " collapse_id, created_at, due_at, expires_at FROM alpha.deliveries"
            " WHERE alert_id = $2",
            device_id,
            rows.alert_id,
        )
    await deliver_all_due(stage.parts)
    assert len(stage.gateway.sent) == 6


@pytest.mark.parametrize(
    ("reason", "state"), [("new", "suppressed"), ("update", "accepted")], ids=["again", "worse"]
)
async def test_a_market_is_silent_for_ten_minutes_unless_it_gets_worse(
    stage: DeliveryStage, reason: str, state: str
) -> None:
    await stage.alert(priority=1)
    await deliver_all_due(stage.parts)
    stage.clock.advance(timedelta(minutes=9))
    replaces = None if reason == "new" else "first"
    await stage.alert("second", reason=reason, replaces=replaces, priority=1)
    await deliver_all_due(stage.parts)
    row = await stage.one("second")
    assert row["state"] == state
    assert row["reason"] == (None if state == "accepted" else "cap_market")
