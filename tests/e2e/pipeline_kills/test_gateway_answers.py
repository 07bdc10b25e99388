"""Every answer of the gateway, over its real wire: the right state, and nobody else affected."""

import asyncio
from dataclasses import dataclass

import pytest

from app.core.clock import SystemClock
from app.core.config import FirebaseSettings, Settings
from app.pipeline.deliver import Pace, run_dispatcher
from app.pipeline.parts import PipelineParts
from app.pipeline.step import Ear
from app.services.firebase import open_firebase
from app.store import switches
from tests.e2e.pipeline_kills.conftest import Arena

PACE = Pace(send_within_s=4)
OTHERS = 20
WITHIN_S = 60
OPEN = "state IN ('pending', 'retry', 'sending')"


@dataclass(frozen=True)
class Case:
    """What one address makes of a push, and what has to become of it."""

    behaviour: str
    state: str
    reason: str | None = None
    disabled: str | None = None
    doubled: bool = False


# Behaviours last: an address that hangs once hangs always, so a lost answer is lost twice.
ENDS = (
    Case("unregistered", "dead", "device_gone", disabled="UNREGISTERED"),
    Case("invalid_registration", "dead", "device_gone", disabled="INVALID_ARGUMENT"),
    Case("sender_id_mismatch", "dead", "device_gone", disabled="SENDER_ID_MISMATCH"),
    Case("invalid_argument", "dead", "INVALID_ARGUMENT"),
    Case("reset", "unknown", doubled=True),
    Case("reset_accepted", "unknown", doubled=True),
    Case("hang", "unknown", doubled=True),
    Case("hang_accepted", "unknown", doubled=True),
    Case("html", "unknown", doubled=True),
    Case("bad_gateway", "unknown", doubled=True),
    Case("truncate", "unknown", doubled=True),
    Case("no_name", "unknown", doubled=True),
)
REFUSE_FOR_NOW = ("internal", "unavailable")
PAUSE = ("quota_exceeded", "third_party_auth_error", "apns_auth_error")


@pytest.fixture
def parts(arena: Arena) -> PipelineParts:
    """A dispatcher's parts with the client that production has."""
    settings, clock = Settings(), SystemClock()
    settings.firebase = FirebaseSettings(
        firebase_credentials_path=str(arena.account),
        fcm_base_url=arena.sandbox.url,
        fcm_timeout_s=1.5,
    )
    push = open_firebase(settings.firebase, clock)
    return PipelineParts(settings, clock, arena.pool, "test", push)


async def _deliver_until(arena: Arena, parts: PipelineParts, condition: str, count: int) -> None:
    task = asyncio.create_task(run_dispatcher(parts, Ear(), PACE))
    try:
        async with asyncio.timeout(WITHIN_S):
            while await arena.count(condition) != count:
                assert not task.done(), task.exception()
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _close(parts: PipelineParts) -> None:
    assert parts.push is not None
    await parts.push.close()


async def test_every_answer_that_ends_a_delivery(arena: Arena, parts: PipelineParts) -> None:
    wishes = {f"token-{n}": case.behaviour for n, case in enumerate(ENDS, start=1)}
    arena.sandbox.control("/_devices", "PUT", wishes)
    await arena.tell(len(ENDS) + OTHERS)
    await _deliver_until(arena, parts, OPEN, 0)
    await _close(parts)
    rows = await arena.sql(
        "SELECT v.address, d.state::text, d.reason, d.is_maybe_duplicate, v.disabled_reason"
        " FROM alpha.deliveries d JOIN alpha.devices v ON v.id = d.device_id"
    )
    found = {row["address"]: row for row in rows}
    for address, case in zip(wishes, ENDS, strict=True):
        row = found.pop(address)
        assert (case.behaviour, row["state"], row["is_maybe_duplicate"]) == (
            case.behaviour,
            case.state,
            case.doubled,
        )
        assert case.reason in (None, row["reason"])
        assert (case.disabled is None) == (row["disabled_reason"] is None), case
    assert {(row["state"], row["disabled_reason"]) for row in found.values()} == {
        ("accepted", None)
    }
    sent = [push["address"] for push in arena.pushes()]
    for address, case in zip(wishes, ENDS, strict=True):
        assert sent.count(address) == (2 if case.doubled else 1), case


@pytest.mark.parametrize("behaviour", REFUSE_FOR_NOW)
async def test_a_refusal_for_now_is_tried_again(
    arena: Arena, parts: PipelineParts, behaviour: str
) -> None:
    arena.faults(**{behaviour: {"rate": 1, "count": 5}})
    await arena.tell(OTHERS)
    await _deliver_until(arena, parts, "state = 'accepted'", OTHERS)
    await _close(parts)
    assert await arena.count("attempts > 1") == 5
    assert await arena.count("is_maybe_duplicate") == 0


@pytest.mark.parametrize("behaviour", PAUSE)
async def test_a_pause_holds_everything_back_and_costs_no_attempt(
    arena: Arena, parts: PipelineParts, behaviour: str
) -> None:
    arena.faults(**{behaviour: {"rate": 1, "count": 1}})
    await arena.tell(2_000)
    await _deliver_until(arena, parts, "state = 'retry' AND reason = 'paused'", 1)
    await asyncio.sleep(0.2)
    async with arena.pool.acquire() as conn:
        assert await switches.is_on(conn, switches.PAUSE_PUSH, now=parts.clock.now())
        held = await arena.count("state = 'pending'")
        assert held > 0
        await switches.turn(conn, switches.PAUSE_PUSH, is_on=False, now=parts.clock.now())
    await arena.sql("UPDATE alpha.deliveries SET due_at = now() WHERE state = 'retry'")
    await _deliver_until(arena, parts, "state = 'accepted'", 2_000)
    await _close(parts)
    assert await arena.count("attempts = 1") == 2_000


async def test_without_an_access_token_nothing_is_lost(arena: Arena, parts: PipelineParts) -> None:
    arena.faults(oauth_500={"rate": 1})
    await arena.tell(OTHERS)
    await _deliver_until(arena, parts, "reason = 'paused'", OTHERS)
    arena.faults()
    await _deliver_until(arena, parts, "state = 'accepted'", OTHERS)
    await _close(parts)
    assert await arena.count("attempts = 1 AND NOT is_maybe_duplicate") == OTHERS
