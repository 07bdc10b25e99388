"""The sweep: 0 when all is well, and everything that sits unfinished otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.pipeline.deliver import deliver_all_due
from app.pipeline.sweep import GRACE, sweep
from app.store import switches
from tests.integration.pipeline.deliver.conftest import DeliveryStage

LONG = GRACE + timedelta(seconds=1)


async def test_nothing_is_found_when_all_is_well(stage: DeliveryStage) -> None:
    await stage.alert(people=3)
    await deliver_all_due(stage.parts)
    stage.clock.advance(LONG)
    with capture_logs() as logs:
        report = await sweep(stage.parts)
    assert (report.found, report.closed_episodes, logs) == (0, 0, [])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param("SELECT 1", "overdue", id="nobody-claims"),
        pytest.param(
            "DELETE FROM alpha.deliveries; DELETE FROM alpha.notifications;"
            " UPDATE alpha.detections SET outcome = NULL",
            "undecided",
            id="nobody-decided",
        ),
        pytest.param("DELETE FROM alpha.deliveries", "undelivered", id="no-delivery-no-reason"),
        pytest.param(
            "UPDATE alpha.alerts SET notified_at = NULL; DELETE FROM alpha.deliveries;"
            " DELETE FROM alpha.notifications",
            "unnotified",
            id="nobody-was-told",
        ),
        pytest.param(
            "DELETE FROM alpha.deliveries; DELETE FROM alpha.notifications;"
            " UPDATE alpha.alerts SET worded_at = NULL",
            "unworded",
            id="no-words",
        ),
        pytest.param(
            "UPDATE alpha.deliveries SET state = 'sending', lease_token = gen_random_uuid(),"
            " lease_until = created_at, sent_at = created_at, attempts = 1",
            "lost",
            id="lease-of-the-dead",
        ),
    ],
)
async def test_what_it_finds(stage: DeliveryStage, change: str, found: str) -> None:
    await stage.alert()
    for statement in change.split(";"):
        await stage.sql(statement)
    assert (await sweep(stage.parts)).found == 0  # not yet
    stage.clock.advance(LONG)
    with capture_logs() as logs:
        report = await sweep(stage.parts)
    assert (report.found, getattr(report, found)) == (1, 1)
    assert [log["event"] for log in logs] == ["sweep.found"]


async def test_what_was_lost_goes_out_again(stage: DeliveryStage) -> None:
    await stage.alert()
    await stage.sql(
        "UPDATE alpha.deliveries SET state = 'sending', lease_token = gen_random_uuid(),"
        " lease_until = created_at, sent_at = created_at, attempts = 1"
    )
    stage.clock.advance(LONG)
    assert (await sweep(stage.parts)).lost == 1
    assert (await sweep(stage.parts)).lost == 0
    await deliver_all_due(stage.parts)
    row = await stage.one()
    assert (row["state"], row["is_maybe_duplicate"]) == ("accepted", True)


async def test_waiting_on_purpose_is_no_finding(stage: DeliveryStage) -> None:
    await stage.alert()
    stage.clock.advance(LONG)
    assert (await sweep(replace(stage.parts, push=None))).found == 0
    async with stage.pool.acquire() as conn:
        await switches.turn(conn, switches.PAUSE_PUSH, is_on=True, now=stage.clock.now())
    assert (await sweep(stage.parts)).found == 0


async def test_episodes_close_after_thirty_quiet_minutes(stage: DeliveryStage) -> None:
    await stage.alert()
    await deliver_all_due(stage.parts)
    stage.clock.advance(timedelta(minutes=30))
    assert (await sweep(stage.parts)).closed_episodes == 0
    stage.clock.advance(timedelta(seconds=1))
    assert (await sweep(stage.parts)).closed_episodes == 1
    assert (await sweep(stage.parts)).closed_episodes == 0
    (episode,) = await stage.sql("SELECT closed_at FROM alpha.episodes")
    assert episode["closed_at"] == stage.clock.now()
